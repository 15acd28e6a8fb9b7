from collections.abc import Callable
from typing import Any, Final, Generic, Literal, ParamSpec, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._engine.run import Plan
from cypool._layouts import Divisors
from cypool._typing import AnyArray, Indices, Int

AXES: Final[object]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# op, maker, x, sizes, flags, dtype, out, parameter
_Prepare: TypeAlias = Callable[
    [str, str, AnyArray, tuple[Any, ...], tuple[Any, ...], DTypeLike | None, AnyArray | None, float | None], Prepared]

class Prepared:
    @property
    def plan(self) -> Plan | None: ...
    @property
    def native(self) -> np.dtype[Any]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def direct(self) -> bool: ...
    @property
    def labelled(self) -> bool: ...
    @property
    def clipped(self) -> bool: ...
    @property
    def sound(self) -> Plan | None: ...
    @property
    def divisors(self) -> Divisors | None: ...
    def __init__(self, plan: Plan | None, native: np.dtype[Any], dtype: np.dtype[Any], shape: tuple[int, ...],
                 strides: tuple[int, ...], label_strides: tuple[int, ...], *, direct: bool, labelled: bool,
                 clipped: bool, sound: Plan | None, divisors: Divisors | None) -> None: ...

class Calls:
    serial_ns: float
    def __init__(self, prepare: _Prepare) -> None: ...
    def forget(self) -> None: ...
    # The last flag is return_indices.
    @overload
    def pool(self, op: str, maker: str, x: ArrayLike, sizes: tuple[Any, ...],
             flags: tuple[*tuple[Any, ...], Literal[False]], dtype: DTypeLike | None = None,
             out: AnyArray | None = None, num_threads: Int | None = None,
             parameter: float | None = None,
             samples: NDArray[np.float64] | None = None) -> AnyArray: ...
    @overload
    def pool(self, op: str, maker: str, x: ArrayLike, sizes: tuple[Any, ...],
             flags: tuple[*tuple[Any, ...], Literal[True]], dtype: DTypeLike | None = None,
             out: AnyArray | None = None, num_threads: Int | None = None,
             parameter: float | None = None,
             samples: NDArray[np.float64] | None = None) -> tuple[AnyArray, Indices]: ...
    @overload
    def pool(self, op: str, maker: str, x: ArrayLike, sizes: tuple[Any, ...], flags: tuple[Any, ...],
             dtype: DTypeLike | None = None, out: AnyArray | None = None, num_threads: Int | None = None,
             parameter: float | None = None,
             samples: NDArray[np.float64] | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

class Remembered(Generic[_Arguments, _Result]):
    def __init__(self, function: Callable[_Arguments, _Result]) -> None: ...
    def __call__(self, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result: ...
