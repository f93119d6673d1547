import express from "express";
import { handle } from "./agent.js";

const app = express();
app.use(express.json());

// PLANTED FAULT: anybody may post, as often and as much as they like.
app.post("/letters", async (request, response) => {
  response.json({ answer: await handle(request.body.text) });
});

app.listen(3000, "0.0.0.0");
