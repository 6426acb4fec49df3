INSERT INTO setting_changes (id, made_by, made_at, before, after, undoes) VALUES
  (1, 1, 1760000000000, '{}', '{"sites/demo/color": "#1f5c4a"}', NULL),
  (2, NULL, 1760000001000, '{"sites/demo/color": "#1f5c4a"}', '{"sites/demo/color": "#aa3311"}', NULL);
INSERT INTO setting_values (key, value, change_id) VALUES
  ('sites/demo/color', '"#aa3311"', 2);
