"""Points and rectangles of tiles (host 4.3)."""
import operator


class IntVector:
    """A tile position: x grows east, y grows south."""

    def __init__(self, x, y):
        self.x = operator.index(x)
        self.y = operator.index(y)

    @classmethod
    def of(cls, value):
        """The vector itself, or one made from a pair."""
        if isinstance(value, cls):
            return value
        try:
            x, y = value
        except (TypeError, ValueError):
            raise TypeError(f"a position is an IntVector or a pair (x, y), not {value!r}") from None
        return cls(x, y)

    def __iter__(self):
        return iter((self.x, self.y))

    def __eq__(self, other):
        if isinstance(other, (IntVector, tuple)):
            return tuple(self) == tuple(other)
        return NotImplemented

    def __hash__(self):
        return hash((self.x, self.y))

    def __repr__(self):
        return f"IntVector({self.x}, {self.y})"


class IntRectangle:
    """Tiles from `upper_left` up to, but not including, `lower_right`."""

    def __init__(self, upper_left, lower_right):
        self.upper_left = IntVector.of(upper_left)
        self.lower_right = IntVector.of(lower_right)
        if self.width < 0 or self.height < 0:
            raise ValueError(f"invalid rectangle dimensions: {self!r}")

    @property
    def width(self):
        """Number of columns."""
        return self.lower_right.x - self.upper_left.x

    @property
    def height(self):
        """Number of rows."""
        return self.lower_right.y - self.upper_left.y

    def __eq__(self, other):
        if not isinstance(other, IntRectangle):
            return NotImplemented
        return (self.upper_left, self.lower_right) == (other.upper_left, other.lower_right)

    def __hash__(self):
        return hash((self.upper_left, self.lower_right))

    def __repr__(self):
        return f"IntRectangle({self.upper_left!r}, {self.lower_right!r})"
