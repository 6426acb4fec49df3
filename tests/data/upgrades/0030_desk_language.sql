UPDATE agents SET language = 'sl' WHERE id = 1;
