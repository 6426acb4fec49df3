INSERT INTO first_step_notes (name, value, noted_by, noted_at) VALUES
  ('dismissed', 'true', 1, 1760000000000);
INSERT INTO widget_sightings (origin, seen_at) VALUES
  ('https://shop.example', 1760000000000);
