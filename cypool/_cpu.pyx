"""What the processor and the operating system support, as the compiler's own run-time library tells it."""

cdef extern from *:
    """
    #if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
    #  include <cpuid.h>
    static void cypool_cpuid(unsigned int leaf, unsigned int *abcd)
    {
        if (!__get_cpuid(leaf, abcd, abcd + 1, abcd + 2, abcd + 3))
            abcd[0] = abcd[1] = abcd[2] = abcd[3] = 0;
    }
    /* Both check cpuid and, by xgetbv, that the system saves the AVX registers. */
    static int cypool_has_avx2_f16c(void)
    {
        __builtin_cpu_init();
    #  if defined(__clang__) || __GNUC__ < 11
        unsigned int abcd[4];
        cypool_cpuid(1, abcd);
        return __builtin_cpu_supports("avx2") && (abcd[2] >> 29 & 1);
    #  else
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
    #  endif
    }
    static int cypool_has_avx512(void)
    {
        return cypool_has_avx2_f16c() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    }
    #elif defined(_MSC_VER) && defined(_M_X64)
    #  include <intrin.h>
    #  include <immintrin.h>
    static void cypool_cpuid(unsigned int leaf, unsigned int *abcd) { __cpuid((int *)abcd, (int)leaf); }
    static int cypool_has_avx2_f16c(void)
    {
        int leaf1[4], leaf7[4];
        __cpuidex(leaf1, 0, 0);
        if (leaf1[0] < 7)
            return 0;
        __cpuidex(leaf1, 1, 0);
        __cpuidex(leaf7, 7, 0);
        /* osxsave, avx, f16c; then avx2; then the state of the xmm and ymm registers. */
        return (leaf1[2] >> 27 & 1) && (leaf1[2] >> 28 & 1) && (leaf1[2] >> 29 & 1) && (leaf7[1] >> 5 & 1)
            && (_xgetbv(0) & 6) == 6;
    }
    static int cypool_has_avx512(void)
    {
        int leaf7[4];
        if (!cypool_has_avx2_f16c())
            return 0;
        __cpuidex(leaf7, 7, 0);
        /* f, dq, cd (that comes with them), bw, vl; then the state of the mask and zmm registers too. */
        return (leaf7[1] >> 16 & 1) && (leaf7[1] >> 17 & 1) && (leaf7[1] >> 28 & 1) && (leaf7[1] >> 30 & 1)
            && (leaf7[1] >> 31 & 1) && (_xgetbv(0) & 0xe6) == 0xe6;
    }
    #else
    static void cypool_cpuid(unsigned int leaf, unsigned int *abcd)
    {
        (void)leaf;
        abcd[0] = abcd[1] = abcd[2] = abcd[3] = 0;
    }
    static int cypool_has_avx2_f16c(void) { return 0; }
    static int cypool_has_avx512(void) { return 0; }
    #endif
    static unsigned int cypool_amd_family(void)
    {
        unsigned int abcd[4], family;
        cypool_cpuid(0, abcd);
        if (abcd[1] != 0x68747541 || abcd[3] != 0x69746e65 || abcd[2] != 0x444d4163)    /* AuthenticAMD */
            return 0;
        cypool_cpuid(1, abcd);
        family = abcd[0] >> 8 & 15;
        return family == 15 ? family + (abcd[0] >> 20 & 255) : family;
    }
    """
    bint cypool_has_avx2_f16c()
    bint cypool_has_avx512()
    unsigned int cypool_amd_family()


def supports(str name):
    """Whether the copy of the kernels with this name can run here."""
    if name == "avx512":
        return cypool_has_avx512()
    return name == "baseline" or (name == "avx2" and cypool_has_avx2_f16c())


def amd_family():
    """The family of a processor by AMD: 0x19 is Zen 3 and 4, 0x1A Zen 5. 0 of others."""
    return cypool_amd_family()
