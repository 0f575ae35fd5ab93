"""How long tests wait before they call something hung."""

PATIENCE = 4
"""So many times as long as a machine at rest may take: beside busy processes everything takes longer. A
deadline is there to end a test that hangs; how quick the program is, is measured by ``bench``.
"""
