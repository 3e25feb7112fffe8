"""Pictures to build: real ones where Tools/quickstart has got some, else ones that are made here."""

from __future__ import annotations

import os
import random
import struct
import zlib
from pathlib import Path

MADE_LABELS, MADE_PER_LABEL = 6, 40
WIDTH, HEIGHT = 320, 240


def quickstart_pictures() -> Path | None:
    """The folder of pictures that Tools/quickstart made; None where there is none."""
    home = os.environ.get("FINETUNER_CACHE_HOME") or os.path.expanduser("~/.cache/finetuner-cache")
    folder = Path(home) / "quickstart" / "pictures"
    return folder if folder.is_dir() else None


def make_pictures(folder: Path) -> Path:
    """Labelled pictures of rectangles, no two alike."""
    for number in range(MADE_LABELS * MADE_PER_LABEL):
        label = folder / f"label-{number % MADE_LABELS}"
        label.mkdir(parents=True, exist_ok=True)
        (label / f"{number:03}.png").write_bytes(_png(random.Random(number)))
    return folder


def some_of(pictures: Path, count: int) -> list[Path]:
    """So many pictures of a folder, of as many labels as possible, always the same."""
    by_label = [sorted(label.iterdir()) for label in sorted(pictures.iterdir()) if label.is_dir()]
    rounds = (label[turn] for turn in range(count) for label in by_label if turn < len(label))
    return [picture for _, picture in zip(range(count), rounds, strict=False)]


def _png(chance: random.Random) -> bytes:
    rows = [bytearray(chance.randbytes(3) * WIDTH) for _ in range(HEIGHT)]
    for _ in range(20):
        left, top = chance.randrange(WIDTH - 20), chance.randrange(HEIGHT - 20)
        width = chance.randrange(20, WIDTH - left + 1)
        color = chance.randbytes(3) * width
        for row in rows[top : top + chance.randrange(20, HEIGHT - top + 1)]:
            row[3 * left : 3 * (left + width)] = color
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
