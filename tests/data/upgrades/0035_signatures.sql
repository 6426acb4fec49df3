UPDATE agents SET title = 'Podpora <kupcem> & prodaja' WHERE id = 1;
