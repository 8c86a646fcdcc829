"""What a category asks besides: forms in versions, questions with conditions, typed answers.

This room knows neither categories nor people: a form belongs to a series, and who answers it says
the room above.
"""
