// One JSON object a line in, one out: how the tests call a client.
import { createInterface } from 'node:readline';

export const address = process.env.GEMINI_ADDRESS;
export const key = process.env.GEMINI_KEY;
export const model = 'gemini-2.5-flash';

export async function answerLines(calls) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { call, ...given } = JSON.parse(line);
    let answer;
    try {
      answer = { result: (await calls[call](given)) ?? null };
    } catch (error) {
      answer = { error: error.message };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
