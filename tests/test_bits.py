"""The same bits on every platform: a digest of results for each operation, the same wherever the tests run.

Where a result is meant to change, `python tests/test_bits.py` prints the new table.
"""

import hashlib

import numpy as np
import pytest
from test_invariance import CALLS, SHAPE

import cypool

DTYPES = ("u1", "i2", "i4", "i8", "f2", "f4", "f8")


def numbers(dtype):
    """Integers, or floats over many orders of magnitude with NaN, infinities and both zeros, made exactly."""
    rng = np.random.default_rng(1)
    if dtype[0] != "f":
        kind = np.iinfo(dtype)
        return rng.integers(kind.min, kind.max, SHAPE, dtype, endpoint=True)
    exponents = rng.integers(-14 if dtype == "f2" else -60, 4, SHAPE)
    x = np.ldexp(rng.integers(-2**10, 2**10, SHAPE).astype(dtype), exponents)
    where = rng.random(SHAPE) < 0.02
    where[SHAPE[0] // 2:] = False
    return np.where(where, rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], SHAPE), x).astype(dtype)


def digest(name, dtype):
    result = np.ascontiguousarray(CALLS[name](numbers(dtype)))
    return hashlib.sha256(result.astype(result.dtype.newbyteorder("<"))).hexdigest()[:8]


DIGESTS = {
    "max 3/2/1": "f1c1dcca f7f0e781 b167dc4b aee99fa9 14b13266 08c4e020 cf63637d",
    "max 3/1/1": "42cedc74 e5facffc 63ba7b73 90c0c2f7 4ba5fcba b99c2b5b c661aadc",
    "max 9/1/4": "35a8ce7f c93de13c e2e8a139 91238135 90abcca0 f1b43188 a6c7277b",
    "min 2/2": "770540e6 c6ff7529 506472bb 8e04d365 ed6d0185 9a3e7b89 d318e1ff",
    "avg 2/2": "a3fd663f e6c55ce8 c74fd1c1 11b5a579 9738a432 b3df2eb1 042b6e50",
    "avg 3/1/1": "ee523ede 4e14323e 2423c148 b6ba29f4 403debb2 f0d382bf 4f04ea43",
    "avg 15/1/7": "8b50863f 2c2e405e e6ac61ad 10ec59c6 80a8729d b360cf69 fc2b1c02",
    "avg 5/3 omit": "e40c8dc7 3f8aaa4f 37b599a3 3856f483 2f6a21ee 623cae02 c7a9e000",
    "avg global": "bd7b27cc 47fbea9d 0ed82610 0ff60e5b 1c0c5047 f271e5e3 3df87e41",
    "sum 1-d": "28a60294 e54e1a13 87189044 0ba83d03 af64e905 558d7d2b 0e2b6a90",
    "avg 3-d": "602df5d1 acb25674 b39af326 708cff82 6ee8b8cb 45c32f36 5321e36f",
    "adaptive": "a6a12fc4 8501f35a 48057307 67b7f3f0 fa90c4ab ea11f353 3860c06a",
    "max channels last": "35ca041b 35a2dba2 056a3ac8 3df473b3 69d4dbda e60620a1 70fba435",
    "median 3/1/1": "60cdd2ff c23f68e0 409123c1 17f174da 55ad23ee 627f92fd 692f5342",
    "median 13/2": "63ae2fe8 c218a6ed 628cbe7f 4a419360 f7174b4c a4790af1 c49b93f3",
    "median global omit": "22707a86 fc8e11aa 44edd103 e43870d1 562c33de 73ad5f27 113e9a1e",
    "var 2/2": "53b4de91 1751203e cf985aef 3e4f0ac5 bdbea7d6 d213177f 07218c8f",
    "std channels last": "49c418cb 10f12dbe 113b8c4d e282a769 b5ee4e37 55b5f4ae f7289cbc",
    "var global": "401bdad5 4148fec6 4871f244 10737356 e3134ecc c925c32e 51e0e726",
    "lp 2": "f27feef1 016c900e e075548c 0efce036 e58a79a7 01d22f23 37a52034",
    "lp 3": "738d3372 bed4040f 51b32956 32d7816f e40bdae9 5c8ecb47 2843d7b2",
    "lp 2.5": "de422797 feb636cc fa760899 ce65b3c5 53bba74f 8d7af809 c3fce4ff",
    "logsumexp": "19d268d7 9b55d048 80279f91 1d7afb1a 71fe4114 c2fb90ae 3af3052a",
    "area": "5272035b 6b6aeb2a d630e99a 0d446774 5a88c6f7 e4076a73 fe7dc10e",
    "area omit": "5272035b 6b6aeb2a d630e99a 0d446774 80651deb 34658485 e7f057c3",
    "fractional": "464749eb b33d8d85 328a9dee 07874ec1 5d847bbd 7cac9d79 51269c05",
    "masked": "006a7c8b 7657cd54 68163740 2ce1ea0b 95a583a2 d374c0e7 aadba5f1",
    "roi max": "3cd2c690 1d4b847e 5f29a8c4 7121ccdd fe8b8062 51712a8a 33594830",
    "indices": "5eca6df2 337d26d9 2e4f4846 3f4c3909 fa562316 262c7990 262c7990",
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DIGESTS)
def test_results_are_those_of_every_platform(isa, name, dtype):
    assert digest(name, dtype) == DIGESTS[name].split()[DTYPES.index(dtype)]


def test_every_call_has_its_digests():
    assert set(DIGESTS) == set(CALLS)


@pytest.mark.parametrize("op", ["sum", "avg"])
def test_every_half_is_converted_exactly(isa, op):
    """Out of halves into floats and back: each by itself, and the rounded sum or mean of it and another."""
    halves = np.arange(2**16).astype(np.uint16).view(np.float16)
    partners = np.roll(halves, 12345)
    with np.errstate(all="ignore"):
        sums = halves.astype(np.float32) + partners
        expected = (sums if op == "sum" else sums * np.float32(0.5)).astype(np.float16)
    pool = cypool.sum_pool if op == "sum" else cypool.avg_pool
    np.testing.assert_array_equal(pool(np.stack([halves, partners]), (2, 1))[0], expected)
    np.testing.assert_array_equal(pool(np.stack([halves, partners], 1), (1, 2))[:, 0], expected)
    np.testing.assert_array_equal(pool(halves, 1), halves)


if __name__ == "__main__":
    for each in CALLS:
        print(f'    "{each}": "{" ".join(digest(each, dtype) for dtype in DTYPES)}",')
