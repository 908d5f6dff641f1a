"""The chat templates of the miniatures."""

from __future__ import annotations

#: Written from the description of the real template: a system block always, past thoughts
#: dropped, the stream starting inside the thought.
TEMPLATE = """\
{%- set enable_thinking = enable_thinking if enable_thinking is defined else true -%}
{%- set truncate = truncate_history_thinking if truncate_history_thinking is defined else true -%}
{%- set ns = namespace(last_user=-1) -%}
{%- for m in messages -%}
{%- if m.role == 'user' -%}{%- set ns.last_user = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{{- '<|im_start|>system\\n' -}}
{%- if messages and messages[0].role == 'system' -%}{{- messages[0].content -}}{%- endif -%}
{%- if tools -%}
{{- '\\n\\n# Tools\\n<tools>' -}}
{%- for tool in tools -%}
{{- '\\n<function>\\n<name>' ~ tool.function.name ~ '</name>\\n</function>' -}}
{%- endfor -%}
{{- '\\n</tools>' -}}
{%- endif -%}
{{- '<|im_end|>\\n' -}}
{%- for m in messages -%}
{%- if m.role == 'user' -%}{{- '<|im_start|>user\\n' ~ m.content ~ '<|im_end|>\\n' -}}
{%- elif m.role == 'assistant' -%}
{{- '<|im_start|>assistant\\n' -}}
{%- if m.reasoning_content and not (truncate and loop.index0 < ns.last_user) -%}
{{- '<think>\\n' ~ m.reasoning_content ~ '\\n</think>\\n' -}}
{%- else -%}{{- '<think></think>' -}}{%- endif -%}
{{- m.content | trim -}}
{%- for call in m.tool_calls or [] -%}
{{- '<tool_call>\\n<function=' ~ call.function.name ~ '>\\n' -}}
{%- for key, value in call.function.arguments | items -%}
{{- '<parameter=' ~ key ~ '>\\n' ~ value ~ '\\n</parameter>\\n' -}}
{%- endfor -%}
{{- '</function>\\n</tool_call>' -}}
{%- endfor -%}
{{- '<|im_end|>\\n' -}}
{%- elif m.role == 'tool' -%}
{{- '<|im_start|>user\\n<tool_response>\\n' ~ m.content ~ '\\n</tool_response>\\n<|im_end|>\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\\n<think>\\n' if enable_thinking else '<|im_start|>assistant\\n<think></think>' -}}
{%- endif -%}
"""

#: Gemma's shape: no system role, no thinking, "model" for the assistant.
SLIDING_TEMPLATE = """\
{{- bos_token -}}
{%- for m in messages -%}
{%- set role = 'model' if m.role == 'assistant' else 'user' -%}
{{- '<start_of_turn>' ~ role ~ '\\n' ~ m.content | trim ~ '<end_of_turn>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<start_of_turn>model\\n' -}}{%- endif -%}
"""
