"""Makes the libraries faster where nobody can tell: in the warm parent, once for all runs.

deflate    what is written, by zlib-ng
pictures   PNG, by one filter
elements   of python-docx and python-pptx: their names, where they are
styles     of openpyxl and python-docx: which are alike, which is the default
templates  of python-docx and python-pptx, read before a run asks for them; last, after practice
everywhere puts one function in the place of another
"""

from workers.sandbox.speed import deflate, elements, pictures, styles


def apply() -> None:
    """Change the libraries; what they import later finds them changed."""
    deflate.replace()
    pictures.register()
    elements.remember_names()
    elements.find()
    elements.list_cells()
    styles.compare()
    styles.find_default()
