"""Ordinary chat templates, written for this benchmark in the shapes that common models use."""

TEMPLATES = {
    "chatml": (
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] "
        "+ '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
    ),
    "bracket": (
        "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('Roles must alternate user and assistant') }}{% endif %}{% if message['role'] == 'user' %}"
        "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
        "{{ message['content'] + eos_token }}{% else %}{{ raise_exception('Only user and assistant roles') }}"
        "{% endif %}{% endfor %}"
    ),
    "header": (
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + "
        "message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
        "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    ),
    "default system": (
        "{% if messages[0]['role'] == 'system' %}{% set system_message = messages[0]['content'] %}"
        "{% set loop_messages = messages[1:] %}{% else %}{% set system_message = 'You are a helpful assistant.' %}"
        "{% set loop_messages = messages %}{% endif %}<|system|>{{ system_message }}{% for message in loop_messages %}"
        "<|{{ message.role }}|>{{ message.content }}{% endfor %}"
    ),
    "tools": (
        "{%- if tools %}{{- '<|im_start|>system\\n# Tools\\n' }}{%- for tool in tools %}{{- tool | tojson }}"
        "{%- endfor %}{{- '<|im_end|>\\n' }}{%- endif %}{%- for message in messages %}{%- if message.tool_calls %}"
        "{%- for call in message.tool_calls %}{%- if call.function is defined %}{%- set call = call.function %}"
        "{%- endif %}{{- '<tool_call>' + call.name + (call.arguments | tojson) + '</tool_call>' }}{%- endfor %}"
        "{%- else %}{{- message.role + ': ' + message.content }}{%- endif %}{%- endfor %}"
    ),
    "reasoning": (
        "{%- set ns = namespace(last=-1, multi=true) %}{%- for message in messages[::-1] %}{%- set index = "
        "(messages | length - 1) - loop.index0 %}{%- if ns.multi and message.role == 'user' and not "
        "(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}"
        "{%- set ns.multi = false %}{%- set ns.last = index %}{%- endif %}{%- endfor %}{%- for message in messages %}"
        "{%- set content = message.content %}{%- if '</think>' in content %}{%- set content = "
        "content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}{{- message.role + content }}{%- endfor %}"
    ),
    "images": (
        "{% for message in messages %}{{ message['role'] | upper }}: {% if message['content'] is string %}"
        "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>"
        "{% elif part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}{% endfor %}"
    ),
    "dates": (
        "{%- if not date_string is defined %}{%- if strftime_now is defined %}{%- set date_string = "
        "strftime_now('%d %b %Y') %}{%- else %}{%- set date_string = '26 Jul 2024' %}{%- endif %}{%- endif %}"
        "{{- 'Today: ' + date_string }}{%- macro show(message) %}{{- message.role }}: {{ message.content }}"
        "{%- endmacro %}{%- for message in messages %}{{- show(message) }}{%- endfor %}"
    ),
    "generation": (
        "{% for message in messages %}{% if message.role == 'assistant' %}{% generation %}{{ message.content }}"
        "{{ eos_token }}{% endgeneration %}{% else %}User: {{ message.content | replace('\\n', ' ') }}{% endif %}"
        "{% endfor %}"
    ),
    "documents": (
        "{%- if documents %}{%- for document in documents %}{{- '<doc id=' ~ loop.index ~ '>' ~ document['title'] ~ "
        "document['text'] }}{%- endfor %}{%- endif %}{%- for message in messages | selectattr('role', 'ne', 'system') "
        "| list %}{{- message['content'] }}{%- endfor %}"
    ),
}
"""Name and Jinja text."""
