"""Claude as a second reader: what it says counts only where the code proves it.

From the files that the rules read, those pieces are taken that nobody has paid for yet (`pieces`,
`packing`), and put to it as a brief (`brief`); what it answers (`said`) is kept before anything else happens
(`calls`) and then held against the code (`verification`). `second_reader` tells the whole of it;
`reanalysis` makes up for what had to wait.
"""
