INSERT INTO question_scores (language, odds) VALUES
  ('sl', 2.5),
  ('sl', -0.75),
  ('pl', 0.0);
