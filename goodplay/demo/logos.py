"""Logos of the invented organisations, drawn here: a few plain shapes each. Who is not named has none, and shows initials."""

import io
import math
from collections.abc import Callable, Iterable

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

SIDE = 480
_FINER = 3
"""Drawn so many times larger and then reduced, so that edges are smooth."""
_FIELD = 100
"""Shapes are told in a field of so many units to each side."""

PINE, LEAF, EARTH = "#1d6149", "#4f9e58", "#8a5a33"
SUN, CORAL, SEA, NIGHT = "#f2b53c", "#d8503a", "#1f77a8", "#263a5e"
PAPER = "#ffffff"

Point = tuple[float, float]


class Board:
    """A square board to draw on, in units of its field."""

    def __init__(self, ground: str) -> None:
        side = SIDE * _FINER
        self.picture = Image.new("RGB", (side, side), ground)
        self._pen = ImageDraw.Draw(self.picture)
        self._unit = side / _FIELD

    def disc(self, x: float, y: float, radius: float, colour: str, *, height: float = 0) -> None:
        tall = height or radius
        corners = (x - radius, y - tall, x + radius, y + tall)
        self._pen.ellipse([each * self._unit for each in corners], fill=colour)

    def shape(self, points: Iterable[Point], colour: str) -> None:
        self._pen.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=colour)

    def line(self, points: Iterable[Point], width: float, colour: str) -> None:
        drawn = [(x * self._unit, y * self._unit) for x, y in points]
        self._pen.line(drawn, fill=colour, width=round(width * self._unit), joint="curve")
        for x, y in (drawn[0], drawn[-1]):
            end = width * self._unit / 2
            self._pen.ellipse((x - end, y - end, x + end, y + end), fill=colour)

    def arc(
        self, x: float, y: float, radius: float, span: tuple[int, int], width: float, colour: str
    ) -> None:
        """Draw part of a circle; degrees run clockwise from the right."""
        corners = (x - radius, y - radius, x + radius, y + radius)
        drawn = [each * self._unit for each in corners]
        self._pen.arc(drawn, *span, fill=colour, width=round(width * self._unit))

    def wave(self, y: float, width: float, colour: str) -> None:
        points = [(x, y + 4 * math.sin(math.radians((x - 12) * 9.5))) for x in range(12, 89)]
        self.line(points, width, colour)


def _woods(board: Board) -> None:
    for x, foot, tall, colour in ((34, 74, 42, LEAF), (66, 74, 42, LEAF), (50, 80, 62, PINE)):
        board.line([(x, foot - 6), (x, foot + 8)], 5, EARTH)
        for step in range(3):
            low, half = foot - step * tall * 0.28, (tall * 0.36) * (1 - step * 0.22)
            board.shape([(x - half, low), (x + half, low), (x, low - tall * 0.46)], colour)


def _kitchen(board: Board) -> None:
    board.disc(50, 52, 36, PAPER)
    board.shape([(12, 10), (88, 10), (88, 52), (12, 52)], CORAL)
    for x in (36, 50, 64):
        board.line([(x, 42), (x + 3, 35), (x - 2, 28), (x + 1, 20)], 3.4, SUN)
    board.line([(12, 52), (88, 52)], 4, PAPER)


def _kite(board: Board) -> None:
    top, right, foot, left = (60, 12), (84, 40), (46, 66), (38, 26)
    middle = (58, 37)
    for corner, other, colour in (
        (top, right, SUN),
        (right, foot, CORAL),
        (foot, left, SEA),
        (left, top, LEAF),
    ):
        board.shape([corner, other, middle], colour)
    board.line([foot, (40, 72), (46, 78), (34, 84), (38, 90), (26, 92)], 2.6, NIGHT)


def _paw(board: Board) -> None:
    board.disc(50, 64, 21, PAPER, height=17)
    for x, y in ((24, 46), (40, 29), (60, 29), (76, 46)):
        board.disc(x, y, 8.5, PAPER, height=11)


def _sea(board: Board) -> None:
    board.disc(50, 36, 17, SUN)
    board.shape([(10, 52), (90, 52), (90, 92), (10, 92)], SEA)
    for y, colour in ((52, PAPER), (65, PAPER), (78, PAPER)):
        board.wave(y, 5, colour)


def _music(board: Board) -> None:
    board.line([(38, 68), (38, 28), (72, 20), (72, 60)], 6, PAPER)
    board.shape([(38, 26), (72, 18), (72, 30), (38, 38)], PAPER)
    board.disc(29, 70, 12, SUN, height=9.5)
    board.disc(63, 62, 12, SUN, height=9.5)


def _bridge(board: Board) -> None:
    board.arc(50, 74, 36, (180, 360), 8, CORAL)
    for x in (26, 38, 50, 62, 74):
        board.line([(x, 74 - math.sqrt(33**2 - (x - 50) ** 2)), (x, 74)], 3, CORAL)
    board.line([(8, 74), (92, 74)], 7, NIGHT)
    board.disc(50, 20, 7, SUN)


def _gardens(board: Board) -> None:
    board.line([(50, 88), (50, 46)], 5, PINE)
    for side in (-1, 1):
        curve = [math.radians(degree) for degree in range(0, 181, 6)]
        tip, low = [(50 + side * 34 * (1 - math.cos(a)) / 2) for a in curve], 52
        above = [
            (x, low - 22 * (1 - math.cos(a)) / 2 - 13 * math.sin(a)) for x, a in zip(tip, curve, strict=True)
        ]
        below = [
            (x, low - 22 * (1 - math.cos(a)) / 2 + 9 * math.sin(a)) for x, a in zip(tip, curve, strict=True)
        ]
        board.shape([*above, *reversed(below)], LEAF)
    board.disc(50, 24, 9, CORAL)
    board.line([(20, 88), (80, 88)], 6, EARTH)


DRAWN: dict[str, tuple[str, Callable[[Board], None]]] = {
    "Boschi di Domani": (PAPER, _woods),
    "La Mensa di Quartiere": (CORAL, _kitchen),
    "Doposcuola Aquilone": (PAPER, _kite),
    "Rifugio Zampe Felici": (EARTH, _paw),
    "Mare Pulito Salento": (PAPER, _sea),
    "Musica in Corsia": (NIGHT, _music),
    "Ponti di Pace": (PAPER, _bridge),
    "Orti Condivisi Milano": (PAPER, _gardens),
}


def drawn(name: str) -> SimpleUploadedFile | None:
    """Return the logo as the organisation would hand it in, or nothing when it has none."""
    if name not in DRAWN:
        return None
    ground, draw = DRAWN[name]
    board = Board(ground)
    draw(board)
    target = io.BytesIO()
    board.picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(target, "PNG")
    return SimpleUploadedFile("logo.png", target.getvalue(), "image/png")
