import pytest

from nlpkit.compare import SHAPES, Shape
from nlpkit.errors import InputError


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_shape_is_read_as_it_is_written(shape):
    assert Shape.parse(str(shape)) == shape


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "1,2,3,0", "1,2,3,-4", "a,b,c,d", "1.5"]
)
def test_what_is_no_shape_is_refused(text):
    message = f"`--shape` must be four positive integers, .*, got '{text}'"
    with pytest.raises(InputError, match=message):
        Shape.parse(text)
