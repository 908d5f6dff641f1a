"""Small graphs whose buffers can be told by hand."""

from __future__ import annotations

import random

import pytest

from app.models.allocation import Graph


def test_a_chain_holds_two_at_a_time() -> None:
    graph = Graph(32)
    last = graph.leaf(64)
    for _ in range(5):
        last = graph.node(64, last)
    assert graph.peak() == 128


def test_in_place_takes_the_parents_room_unless_somebody_else_needs_it() -> None:
    graph = Graph(32)
    first = graph.node(64)
    second = graph.node(64, first, in_place=True)
    graph.node(64, second, in_place=True)
    assert graph.peak() == 64
    shared = Graph(32)
    first = shared.node(64)
    second = shared.node(64, first, in_place=True)
    shared.node(64, first, second, in_place=True)
    assert shared.peak() == 128


def test_in_place_needs_the_same_size_and_no_view() -> None:
    graph = Graph(32)
    graph.node(32, graph.node(64), in_place=True)
    assert graph.peak() == 96
    viewed = Graph(32)
    viewed.node(64, viewed.view(viewed.node(64)), in_place=True)
    assert viewed.peak() == 128


def test_a_view_keeps_its_root_alive() -> None:
    graph = Graph(32)
    root = graph.node(64)
    view = graph.view(graph.view(root))
    graph.node(32)
    graph.store(view)
    graph.node(64)
    assert graph.peak() == 96


@pytest.mark.parametrize("sizes", [(96, 32, 64, 32, 32), (64, 32, 96, 32, 32)])
def test_the_best_fitting_hole_is_taken(sizes: tuple[int, ...]) -> None:
    """The smaller one by the smaller node, so that the larger one's room is left."""
    graph = Graph(32)
    nodes = [graph.node(size) for size in sizes]
    for index in (0, 2):
        graph.store(nodes[index])
    graph.node(64)
    graph.node(96)
    for index in (1, 3, 4):
        graph.store(nodes[index])
    assert graph.peak() == sum(sizes)


def test_holes_side_by_side_grow_together() -> None:
    for order in ((0, 1, 2), (2, 1, 0), (0, 2, 1)):
        graph = Graph(32)
        nodes = [graph.node(64) for _ in range(4)]
        for index in order:
            graph.store(nodes[index])
        graph.node(192)
        graph.store(nodes[3])
        assert graph.peak() == 256


def test_inputs_that_nobody_reads_stay() -> None:
    graph = Graph(32)
    graph.leaf(64)
    read = graph.leaf(64)
    graph.store(read)
    graph.node(64)
    assert graph.peak() == 128


def test_sizes_are_padded_to_the_alignment() -> None:
    for alignment, expected in ((32, 64), (128, 256)):
        graph = Graph(alignment)
        graph.leaf(1)
        graph.leaf(1)
        assert graph.peak() == expected


def test_random_graphs_stay_between_what_lives_and_what_is_made() -> None:
    """And laying out again gives the same."""
    chance = random.Random(1)
    for _ in range(200):
        graph, sizes = Graph(32), []
        nodes: list[int] = []
        for _ in range(chance.randrange(1, 30)):
            sources = chance.sample(nodes, min(len(nodes), chance.randrange(3)))
            size = 32 * chance.randrange(1, 20)
            sizes.append(size)
            nodes.append(graph.node(size, *sources, in_place=chance.random() < 0.3))
        peak = graph.peak()
        assert max(sizes) <= peak <= sum(sizes)
        assert graph.peak() == peak
