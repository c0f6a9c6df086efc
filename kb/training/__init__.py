"""How the shipped embedder is made: corpus → vocabulary → co-occurrence vectors → self-supervision → questions."""
