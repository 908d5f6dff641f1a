"""How large a buffer a graph of tensors needs when each is freed after its last use.

A copy in small of llama.cpp's graph allocator (ggml/src/ggml-alloc.c): leaves first and for as
long as somebody needs them, then node by node into the best fitting hole; an operation that may
work in place takes its parent's room. Sizes in bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_ENDLESS = 2**62


@dataclass(slots=True)
class _Node:
    n_bytes: int
    sources: tuple[int, ...]
    view_of: int = -1
    leaf: bool = False
    in_place: bool = False
    # While it is being laid out: who still needs it, and where it lies (-1: nowhere).
    children: int = 0
    views: int = 0
    offset: int = -1


@dataclass(slots=True)
class _Holes:
    """Free room as [offset, size], by offset; the last one is endless."""

    holes: list[list[int]] = field(default_factory=lambda: [[0, _ENDLESS]])
    most: int = 0

    def take(self, size: int) -> int:
        best = -1
        for index, (_offset, room) in enumerate(self.holes[:-1]):
            if room >= size and (best < 0 or room <= self.holes[best][1]):
                best = index
        hole = self.holes[best]
        offset = hole[0]
        hole[0] += size
        hole[1] -= size
        if not hole[1]:
            del self.holes[best]
        self.most = max(self.most, offset + size)
        return offset

    def free(self, offset: int, size: int) -> None:
        index = 0
        while index < len(self.holes) and self.holes[index][0] < offset:
            index += 1
        self.holes.insert(index, [offset, size])
        for left in (index, index - 1):
            if 0 <= left < len(self.holes) - 1:
                here, after = self.holes[left], self.holes[left + 1]
                if here[0] + here[1] == after[0]:
                    here[1] += after[1]
                    del self.holes[left + 1]


class Graph:
    """Tensors in the order in which they are computed; each is known by its number."""

    def __init__(self, alignment: int) -> None:
        self._alignment = alignment
        self._nodes: list[_Node] = []

    def leaf(self, n_bytes: int) -> int:
        """An input. One that nobody reads stays to the end."""
        return self._add(_Node(self._padded(n_bytes), (), leaf=True))

    def node(self, n_bytes: int, *sources: int, in_place: bool = False) -> int:
        """The result of an operation on `sources`; weights and caches are not named."""
        return self._add(_Node(self._padded(n_bytes), sources, in_place=in_place))

    def view(self, source: int, n_bytes: int | None = None) -> int:
        """Another look at `source` or at `n_bytes` of it; it keeps the source alive."""
        root = self._nodes[source].view_of
        size = self._nodes[source].n_bytes if n_bytes is None else self._padded(n_bytes)
        return self._add(_Node(size, (source,), view_of=source if root < 0 else root))

    def store(self, *sources: int) -> None:
        """An operation that writes into a cache and needs no room of its own."""
        self._add(_Node(0, sources))

    def peak(self) -> int:
        """Bytes of the buffer that holds the graph. Lays it out anew."""
        holes = _Holes()
        for node in self._nodes:
            node.children = node.views = 0
            node.offset = -1
        for node in self._nodes:
            if node.view_of >= 0:
                self._nodes[node.view_of].views += 1
            for source in node.sources:
                self._nodes[source].children += 1
            if node.leaf and node.n_bytes:
                node.offset = holes.take(node.n_bytes)
        for node in self._nodes:
            if not node.leaf:
                self._compute(node, holes)
        return holes.most

    def _compute(self, node: _Node, holes: _Holes) -> None:
        if node.view_of < 0 and node.n_bytes and not (node.in_place and self._reuse(node)):
            node.offset = holes.take(node.n_bytes)
        for source in node.sources:
            parent = self._nodes[source]
            parent.children -= 1
            if parent.children or parent.views:
                continue
            if parent.view_of < 0:
                self._free(parent, holes)
                continue
            root = self._nodes[parent.view_of]
            root.views -= 1
            if not root.views and not root.children:
                self._free(root, holes)

    def _reuse(self, node: _Node) -> bool:
        """Whether the node takes the room of a parent that nobody else needs, and that is no view."""
        for source in node.sources:
            parent = self._nodes[source]
            unneeded = parent.children == 1 and not parent.views and parent.offset >= 0
            if unneeded and parent.n_bytes == node.n_bytes:
                node.offset, parent.offset = parent.offset, -1
                return True
        return False

    @staticmethod
    def _free(node: _Node, holes: _Holes) -> None:
        if node.offset >= 0:
            holes.free(node.offset, node.n_bytes)
            node.offset = -1

    def _add(self, node: _Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _padded(self, n_bytes: int) -> int:
        return -(-n_bytes // self._alignment) * self._alignment
