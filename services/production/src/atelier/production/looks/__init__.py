"""Looks: products on subjects inside a shooting, with the outfits around them."""
