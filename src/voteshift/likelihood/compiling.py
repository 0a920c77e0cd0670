"""Typed access to Numba for the kernels: inlined helpers, a bit cast, compilation with a cache."""

import functools
import hashlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from filelock import FileLock
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.caching import FunctionCache
from numba.extending import intrinsic, overload, register_jitable

from voteshift.likelihood.progress import announce_compilation

__all__ = [
    "KERNEL_SOURCES",
    "bits_from_float32",
    "bits_from_float64",
    "by_precision",
    "compiled",
    "float32_from_bits",
    "float64_from_bits",
    "hash_of",
    "in_order",
    "inlined",
    "take_next",
]

Function = TypeVar("Function", bound=Callable[..., Any])

KERNEL_SOURCES: Final = tuple(sorted(Path(__file__).parent.glob("*.py")))
"""The source files of the kernels."""

FAST = {"contract", "nsz", "arcp", "reassoc"}
"""Floating-point options of the kernels: reorder sums (needed for SIMD) and fuse multiply-adds.

Do not write a sum in a loop that also stores to another array. LLVM then compiles the loop twice and chooses
between the two by the addresses of the arrays, so the last bits of the sum depend on memory addresses. The
other options of ``fastmath=True`` are not used: with them the compiler ignores infinities and signs of zero,
which the ends of an ordered scale need.
"""


# A call keeps a loop from becoming SIMD, and LLVM leaves a long helper that is used four times a call.
INLINE = {"error_model": "numpy", "forceinline": True}


def inlined(function: Function) -> Function:
    """Let kernels call a helper function, which other code can still call as a Python function."""
    decorated: Function = register_jitable(fastmath=FAST, **INLINE)(function)
    return decorated


def in_order(function: Function) -> Function:
    """Let kernels call a helper function without reordering its sums, in which a constant rounds a number."""
    decorated: Function = register_jitable(fastmath={"contract"}, **INLINE)(function)
    return decorated


def by_precision(single: Callable[..., Any]) -> Callable[[Function], Function]:
    """Let kernels call the decorated function on float64 arguments, and `single` on float32 ones.

    The functions have one argument, v, or four arguments, a, b, c and d. Sums are not reordered, as in
    `in_order`.
    """

    def register(double: Function) -> Function:
        # Numba compares parameters, annotations included.
        def choose(v):  # type: ignore[no-untyped-def]
            return single if v == types.float32 else double

        def choose_of_four(a, b, c, d):  # type: ignore[no-untyped-def]  # noqa: ARG001
            return single if a == types.float32 else double

        chooser = choose if double.__code__.co_argcount == 1 else choose_of_four
        overload(double, jit_options={"fastmath": {"contract"}, **INLINE})(chooser)
        return double

    return register


def hash_of(files: Iterable[Path]) -> str:
    """Return a hash of the contents of files."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


_kernel_hash = functools.cache(hash_of)


class _KernelCache(FunctionCache):  # type: ignore[misc]  # Numba carries no types
    """Numba's cache of a function, written by one process at a time; its key includes all kernel files.

    Numba's own cache checks only the file of the function, and would load an outdated kernel after a change
    to a helper function in another file. Numba also does not lock its files. Processes that start at the same
    time would all compile the same kernel, and two processes that save different signatures at once can
    exchange them. In this class, a process without a cached kernel waits for the process that compiles it.
    `compilation` holds the lock until the kernel is saved.
    """

    longest_wait: ClassVar[float] = 120.0
    """Seconds that a process waits for the kernel of another process; 0 after a wait without success."""

    def __init__(self, function: Callable[..., Any], compilation: ExitStack) -> None:
        super().__init__(function)
        self._compilation = compilation
        self._lock_path = Path(self.cache_path) / f"{self._impl.filename_base}.lock"

    def _index_key(self, sig: Any, codegen: Any) -> tuple[Any, ...]:
        return *super()._index_key(sig, codegen), _kernel_hash(KERNEL_SOURCES)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        kernel = super().load_overload(sig, target_context)
        if kernel is None:
            self._compilation.enter_context(announce_compilation())
            self._wait()
            kernel = super().load_overload(sig, target_context)
        return kernel

    def _wait(self) -> None:
        lock = FileLock(self._lock_path, timeout=self.longest_wait)
        try:
            self._compilation.enter_context(lock)
        except TimeoutError:
            _KernelCache.longest_wait = 0.0
            self.disable()  # the files belong to the process that holds the lock
        except (OSError, NotImplementedError):
            pass  # a disk without locks: compile as if alone


@functools.cache
def compiled(function: Callable[..., Any], signature: Any) -> Callable[..., Any]:
    """Compile a kernel for one signature, or load it from the cache next to its source.

    Kernels are compiled when they are needed, one signature at a time, so the first call compiles only the
    kernels that it uses. The kernels release the GIL, so blocks of rows run in parallel threads.
    """
    kernel: Any = njit(nogil=True, fastmath=FAST, error_model="numpy", boundscheck=False)(function)
    with ExitStack() as compilation:
        try:
            kernel._cache = _KernelCache(function, compilation)
        except RuntimeError as error:
            # An installation and a home folder that are both read-only leave no place for a cache.
            if "cannot cache function" not in str(error):
                raise
            compilation.enter_context(announce_compilation())
        kernel.compile(signature)
    kernel.disable_compile()
    compiled_kernel: Callable[..., Any] = kernel
    return compiled_kernel


def _bit_cast(source: Any, target: Any, llvm_target: Any) -> Any:
    """Build the intrinsic that reads the bits of one type as another of the same width."""

    def bit_cast(typingctx: Any, value: Any) -> Any:  # noqa: ARG001
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
            return builder.bitcast(arguments[0], llvm_target)

        return target(source), generate

    return intrinsic(bit_cast)


float64_from_bits = _bit_cast(types.int64, types.float64, ir.DoubleType())
float32_from_bits = _bit_cast(types.int32, types.float32, ir.FloatType())
bits_from_float64 = _bit_cast(types.float64, types.int64, ir.IntType(64))
bits_from_float32 = _bit_cast(types.float32, types.int32, ir.IntType(32))


@intrinsic  # type: ignore[untyped-decorator]
def take_next(typingctx: Any, counter: Any) -> Any:  # noqa: ARG001
    """Return the first element of an int64 array and add 1 to it, in one step for all threads."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        one = context.get_constant(types.int64, 1)
        first = cgutils.gep_inbounds(builder, array.data, 0)
        return builder.atomic_rmw("add", first, one, "monotonic")

    return types.int64(counter), generate
