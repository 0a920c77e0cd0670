"""Make files that are traps, read each, print how long it took and the memory: run by test_limits.py."""

import bz2
import gzip
import json
import lzma
import resource
import struct
import sys
import time
import zipfile
from pathlib import Path

import h5py
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

import voteshift as vs
from voteshift.errors import InputError
from voteshift.readers import check_file, read

MIB = 1 << 20
NULL = (254).to_bytes(4, "big")  # as R writes it


def packed(path: Path, piece: bytes, times: int, module: object) -> None:
    """Write an archive of many members, each the same piece: quick to make however much it unpacks to."""
    member = module.compress(piece)  # type: ignore[attr-defined]
    path.write_bytes(member * times)


def nested_rda(depth: int) -> bytes:
    """Return an R file whose one object is a list in a list in a list."""
    return saved_rda(numbers(19, 1) * depth + NULL)


def promising_rda() -> bytes:
    """Return an R file of compiled code that says how many places for repeated parts it needs: 2e9."""
    return saved_rda(numbers(21, 2_000_000_000) + NULL)


def crowded_rda() -> bytes:
    """Return an R file that holds a list of ten million nothings, each an object where it is read."""
    return saved_rda(numbers(19, 10_000_000) + NULL * 10_000_000)


def make(folder: Path) -> list[Path]:
    """Return one trap of every kind."""
    paths = {
        name: folder / name
        for name in (
            "rows.csv.gz rows.csv.xz line.csv.gz line.csv zeros.csv.gz deep.voteshift deep.rda huge.nc "
            "endless.nc bomb.xlsx many.parquet sequence.rda texts.rda promising.rda crowded.rda "
            "text.nc sparse.csv sparse.csv.gz wide.csv long.ord texts.xlsx zeros.rda"
        ).split()
    }
    packed(paths["rows.csv.gz"], b"member,vote\n" + b"a,yes\n" * (2 * MIB), 90, gzip)
    packed(paths["rows.csv.xz"], b"member,vote\n" + b"a,yes\n" * (2 * MIB), 90, lzma)
    packed(paths["line.csv.gz"], b"a" * (16 * MIB), 64, gzip)
    packed(paths["zeros.csv.gz"], b"\0" * (16 * MIB), 64, gzip)
    paths["line.csv"].write_bytes(b"a" * (48 * MIB))
    header = '{"format": "voteshift", "version": 1, "members": 1, "rollcalls": 0, "member_columns": [], '
    deep = "[" * 1_000_000
    paths["deep.voteshift"].write_text(f'{header}"rollcall_columns": []}}\n{deep}\n', encoding="utf-8")
    paths["deep.rda"].write_bytes(nested_rda(200_000))
    paths["sequence.rda"].write_bytes(sequence_rda())
    paths["texts.rda"].write_bytes(texts_rda())
    paths["promising.rda"].write_bytes(promising_rda())
    paths["crowded.rda"].write_bytes(crowded_rda())
    with h5py.File(paths["huge.nc"], "w") as file:
        file.create_dataset("votes", shape=(1 << 20, 1 << 20), dtype="int8", chunks=(1 << 10, 1 << 10))
        file.attrs["voteshift_layout"] = 1
    paths["endless.nc"].write_bytes(endless_netcdf(folder / "whole.nc"))
    with zipfile.ZipFile(paths["bomb.xlsx"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (64 * MIB))
    paths["text.nc"].write_bytes(promised_text(folder / "whole.nc"))
    paths["sparse.csv"].write_text(
        "member,rollcall,vote\n" + "".join(f"member {i},roll call {i},yes\n" for i in range(43_000)),
        encoding="utf-8",
    )
    with gzip.open(paths["sparse.csv.gz"], "wt", encoding="utf-8", compresslevel=6) as file:
        file.write("member" + "".join(f",r{k}" for k in range(43_000)) + "\n")
        file.writelines(f"m{i}{',' * i}yes{',' * (43_000 - i)}\n" for i in range(8_000))
    columns = "".join(f",roll call {k}" for k in range(400_000))
    paths["wide.csv"].write_text(f"member{columns}\nA{',yes' * 400_000}\n", encoding="utf-8")
    head = f"{'':1}89{14_226:5}41 0ALABAMA {200:5}  SHELBY     "
    paths["long.ord"].write_bytes(head[:36].ljust(36).encode() + b"1" * (15 * MIB) + b"\n")
    with zipfile.ZipFile(paths["texts.xlsx"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
        archive.writestr("xl/sharedStrings.xml", b"<si><t/></si>" * (8 * MIB))
    packer = bz2.BZ2Compressor()
    pieces = [saved_rda(numbers(13, 32 * MIB))[:-4], *[bytes(MIB)] * 128]
    paths["zeros.rda"].write_bytes(b"".join(map(packer.compress, pieces)) + packer.flush())
    codes = pa.array([0], pa.int32()).take(pa.array([0] * (8 * MIB), pa.int32()))
    column = pa.DictionaryArray.from_arrays(codes, ["yes"])
    parquet.write_table(
        pa.table({"member": column, "vote": column}), paths["many.parquet"], row_group_size=8 * MIB
    )
    return list(paths.values())


def endless_netcdf(path: Path) -> bytes:
    """Return a netCDF file whose table of texts has an entry of no length, at which HDF5 goes round."""
    votes = pd.DataFrame({"member": ["a", "b"], "rollcall": "r", "vote": ["yes", "no"]})
    vs.write(vs.RollCalls.from_long(votes), path)
    content = bytearray(path.read_bytes())
    path.unlink()
    place = content.index(b"GCOL\x01\0\0\0") + 16
    while number := int.from_bytes(content[place : place + 2], "little"):
        assert number < 100
        length = int.from_bytes(content[place + 8 : place + 16], "little")
        place += 16 + length + -length % 8
    content[place + 8 : place + 16] = bytes(8)
    return bytes(content)


def promised_text(path: Path) -> bytes:
    """Return a netCDF file in which one name is stated to be of 4 GiB."""
    votes = pd.DataFrame({"member": ["a", "b"], "rollcall": "r", "vote": ["yes", "no"]})
    vs.write(vs.RollCalls.from_long(votes), path)
    with h5py.File(path) as file:
        place = file["member"].id.get_offset()
    content = bytearray(path.read_bytes())
    path.unlink()
    content[place : place + 4] = b"\xff" * 4
    return bytes(content)


def numbers(*values: int) -> bytes:
    """Return whole numbers as R writes them."""
    return struct.pack(f">{len(values)}i", *values)


def by_rule(rule: bytes, state: bytes) -> bytes:
    """Return a sequence as R writes it, by its rule alone."""

    def symbol(name: bytes) -> bytes:
        return numbers(1, 9, len(name)) + name

    info = numbers(2) + symbol(rule) + numbers(2) + symbol(b"base") + numbers(2, 13, 1, 13) + NULL
    return numbers(238) + info + state + NULL


def sequence_rda() -> bytes:
    """Return an R file that holds 1:4e9 by its length alone."""
    return saved_rda(by_rule(b"compact_intseq", numbers(14, 3) + struct.pack(">3d", 4e9, 1.0, 1.0)))


def texts_rda() -> bytes:
    """Return an R file that holds as.character(1:1e7) by its length alone."""
    ten_million = by_rule(b"compact_realseq", numbers(14, 3) + struct.pack(">3d", 1e7, 1.0, 1.0))
    return saved_rda(by_rule(b"deferred_string", numbers(2) + ten_million + numbers(13, 1, 0)))


def saved_rda(value: bytes) -> bytes:
    """Return an R file with one object, called x."""
    head = b"RDX3\nX\n" + numbers(3, 0x040202, 0x030500, 5) + b"UTF-8"
    return head + numbers(0x0402, 1, 9, 1) + b"x" + value + NULL


def peak_mib() -> int:
    """Return the largest memory of this process; what getrusage says begins with that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (row for row in status.read_text(encoding="ascii").splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(folder: Path) -> None:
    """Read every trap twice, once to refuse it and once to check it."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    make(folder)
    report = {}
    for path in sorted(folder.iterdir()):
        begun = time.perf_counter()
        try:
            said = repr(read(path))
        except InputError as error:
            said = str(error).removeprefix(str(path))
        seconds = time.perf_counter() - begun
        severe = [finding.severity for finding in check_file(path)]
        peak = peak_mib()
        report[path.name] = {"said": said, "seconds": round(seconds, 2), "peak_mib": peak, "check": severe}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
