import Anthropic from "@anthropic-ai/sdk";
import { readFileSync } from "node:fs";
import { callTool, tools } from "./tools.js";

const client = new Anthropic({ timeout: 30_000, maxRetries: 2 });
const SYSTEM = readFileSync(new URL("../prompts/system.md", import.meta.url), "utf8");

export async function handle(letter: string): Promise<string> {
  const messages: Anthropic.MessageParam[] = [
    { role: "user", content: `Answer this letter: ${letter}` },
  ];
  // PLANTED FAULT: nothing bounds this loop.
  while (true) {
    const reply = await client.messages.create({
      // PLANTED FAULT: an alias that moves.
      model: "claude-3-7-sonnet-latest",
      max_tokens: 1024,
      system: SYSTEM,
      tools,
      messages,
    });
    // PLANTED FAULT: the privacy notice says that this never happens.
    console.log("model reply", JSON.stringify(reply.content));
    if (reply.stop_reason !== "tool_use") {
      return reply.content.map((block) => ("text" in block ? block.text : "")).join("");
    }
    messages.push({ role: "assistant", content: reply.content });
    for (const block of reply.content) {
      if (block.type === "tool_use") {
        const result = await callTool(block.name, block.input as Record<string, string>);
        messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: block.id, content: result }] });
      }
    }
  }
}
