#!/usr/bin/env python3
"""own_symbols.py LIBRARY FOLDER: copies a shared library (64-bit ELF) into FOLDER under its SONAME and sets one flag:
it prefers its own definitions to those of libraries loaded earlier (DF_SYMBOLIC, which the linker sets for -Bsymbolic).
Prints the copy's path."""
import pathlib
import struct
import sys

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_STRTAB, DT_SONAME, DT_FLAGS = 0, 5, 14, 30
DF_SYMBOLIC = 2


def main(library, folder):
    data = bytearray(pathlib.Path(library).read_bytes())
    if data[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"{library}: no 64-bit little-endian ELF file")
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
    entries = {}  # of the dynamic section: tag -> (offset in the file, value)
    for kind, _, place, *_ in segments:
        while kind == PT_DYNAMIC:
            tag, value = struct.unpack_from("<QQ", data, place)
            if tag == DT_NULL:
                break
            entries[tag] = place, value
            place += 16
    if DT_FLAGS not in entries or DT_SONAME not in entries:
        sys.exit(f"{library}: has no SONAME or no DT_FLAGS entry")
    names = entries[DT_STRTAB][1]
    names += next(place - address for kind, _, place, address, _, length in segments
                  if kind == PT_LOAD and address <= names < address + length)
    begin = names + entries[DT_SONAME][1]
    place, flags = entries[DT_FLAGS]
    struct.pack_into("<Q", data, place + 8, flags | DF_SYMBOLIC)
    copy = pathlib.Path(folder) / data[begin:data.index(b"\0", begin)].decode()
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(data)
    print(copy, end="")


main(*sys.argv[1:])
