#!/usr/bin/env python3
"""Draws flowers in front of hills as PNG files of mixed sizes, to try photos32 and photos64 on.

  bench/flowers.py FOLDER [COUNT]     (300 pictures by default; needs NumPy)
"""
import colorsys
import pathlib
import struct
import sys
import zlib

import numpy


def write_png(path, picture):
    """picture: uint8 [H, W, 3]."""
    height, width, _ = picture.shape
    rows = numpy.zeros((height, 1 + 3 * width), numpy.uint8)  # a row begins with its filter, 0
    rows[:, 1:] = picture.reshape(height, -1)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
              (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b"")]
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in chunks:
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))


def colour(hue, saturation, value):
    return 255 * numpy.array(colorsys.hsv_to_rgb(hue % 1, saturation, value))


def flower(random):
    """float [H, W, 3] in 0..255."""
    height = int(random.integers(90, 140))
    width = int(height * random.uniform(0.8, 1.25))
    y, x = numpy.mgrid[0:height, 0:width]
    y, x = (y + 0.5) / height, (x + 0.5 - width / 2) / height

    def lay(mask, paint):
        picture[:] += numpy.clip(mask, 0, 1)[..., None] * (paint - picture)

    sky = colour(random.uniform(0.52, 0.64), random.uniform(0.2, 0.6), random.uniform(0.8, 1))
    picture = sky + (y[..., None] * (colour(random.uniform(0.02, 0.14), 0.25, 1) - sky))
    for depth in range(int(random.integers(2, 4))):
        height_of_waves = random.uniform(0.02, 0.06)
        waves = numpy.sin(random.uniform(3, 8) * x + random.uniform(0, 6))
        top = 0.55 + 0.13 * depth + height_of_waves * waves
        lay((y - top) * height, colour(random.uniform(0.22, 0.38), random.uniform(0.4, 0.7), 0.75 - 0.17 * depth))
    centre_x, centre_y, radius = random.uniform(-0.12, 0.12), random.uniform(0.3, 0.45), random.uniform(0.2, 0.28)
    lean = centre_x + random.uniform(-0.1, 0.1) * (y - centre_y)
    lay((0.018 - abs(x - lean)) * height * (y > centre_y), colour(0.33, 0.7, 0.4))
    across, down = x - centre_x, y - centre_y
    distance, angle = numpy.hypot(across, down), numpy.arctan2(down, across)
    petals = int(random.integers(5, 9))
    edge = radius * (0.62 + 0.38 * abs(numpy.cos(petals * angle / 2 + random.uniform(0, 6))))
    hue = random.choice([0.0, 0.08, 0.13, 0.75, 0.85, 0.92]) + random.uniform(-0.02, 0.02)
    petal = colour(hue, random.uniform(0.5, 0.95), 1)
    lay((edge - distance) * height, petal * (1 - 0.35 * (distance / radius)[..., None]))
    lay((0.3 * radius - distance) * height, colour(random.uniform(0.09, 0.15), 0.8, random.uniform(0.45, 0.95)))
    return picture + random.normal(0, 4, picture.shape)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(0)
    for i in range(int(sys.argv[2]) if len(sys.argv) == 3 else 300):
        write_png(folder / f"{i:04}.png", numpy.clip(flower(random), 0, 255).round().astype(numpy.uint8))


main()
