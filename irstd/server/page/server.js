// Requests to this server: what the model is, and what it finds in a frame.

let token = "";

export class Refused extends Error {
  constructor(status, line) {
    super(line);
    this.status = status;
  }
}

export function useToken(given) {
  token = given;
}

export async function model() {
  return (await ask("model")).json();
}

// All detections from `least` up, and a picture of it; the slider of the page chooses among them.
export async function detect(file, least) {
  const form = new FormData();
  form.append("files", file, file.name);
  const answer = await (await ask(`detect?threshold=${least}&pictures=true`, { method: "POST", body: form })).json();
  return { ...answer.frames[0], bundle: answer.bundle };
}

async function ask(path, options = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  for (;;) {
    let answer;
    try {
      answer = await fetch(path, { ...options, headers });
    } catch {
      throw new Refused(0, "the server does not answer; is it still running?");
    }
    if (answer.ok) return answer;
    const line = (await answer.text()).trim();
    if (answer.status !== 503) throw new Refused(answer.status, line);
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  }
}
