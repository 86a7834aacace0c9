"""Set questions: "which customers complained about delivery last month and what products did they order?"

The public door is :class:`SetQuestions`.
"""

from actors.retrieval.set_question.set_questions import SetQuestions

__all__ = ["SetQuestions"]
