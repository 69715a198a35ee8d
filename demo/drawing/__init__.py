"""What the demo photographs where nobody gave it a folder: garments, a mannequin and a wall, drawn as SVG.

All shapes share one body: x from the middle, y from the top of the head, 1000 units tall. So a
garment that is cut out and put on the mannequin sits where it was drawn.
"""
