"""Names of nobody in particular: common Italian given and family names, put together. No list should know them."""

import random
from itertools import product

_GIVEN = (
    "Marco Luca Giuseppe Antonio Mario Giovanni Francesco Andrea Alessandro Matteo Lorenzo Davide Stefano Paolo Roberto "
    "Simone Federico Riccardo Michele Salvatore Vincenzo Domenico Pietro Angelo Carlo Maria Anna Giulia Francesca Sara "
    "Laura Chiara Valentina Alessia Elena Martina Silvia Elisa Paola Federica Giorgia Roberta Claudia Lucia Teresa Rosa "
    "Angela Giovanna Caterina Daniela"
)
_FAMILY = (
    "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Mancini Giordano Rizzo "
    "Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli "
    "Vitale Lombardo Serra Coppola Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco Marini Grasso Valentini Messina "
    "Sala Gatti Pellegrini Palumbo Sanna Farina Rizzi Monti Cattaneo Morelli Amato Silvestri Mazza Testa Grassi Pellegrino "
    "Carbone Giuliani Benedetti Barone Rossetti Caputo Montanari Guerra Palmieri Bernardi Martino Fiore Ferretti Bellini "
    "Basile Riva Donati Piras Vitali Battaglia Sartori Neri Costantini Milani Pagano Ruggiero Sorrentino Orlando Negri "
    "Mantovani"
)


def clean_names(count: int, *, seed: int = 1) -> list[str]:
    """Return that many different names, the same ones each time."""
    everybody = [f"{given} {family}" for given, family in product(_GIVEN.split(), _FAMILY.split())]
    return random.Random(seed).sample(everybody, min(count, len(everybody)))  # noqa: S311 - a sample, no secret
