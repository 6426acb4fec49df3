INSERT INTO question_scores (id, language, odds) VALUES
  (1, 'sl', 2.5),
  (2, 'sl', -0.75),
  (3, 'pl', 0.0);
