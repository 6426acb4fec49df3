UPDATE agents SET shown_name = 'Ana iz podpore' WHERE id = 1;
