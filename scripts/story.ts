import type { WriteStream } from "node:tty";

/** Prints the demo so that a person enjoys reading it: plain text where colours are not wanted. */
export interface Story {
  begin(line: string): void;
  step(title: string, call: string): void;
  facts(facts: Record<string, string>): void;
  refusal(rule: string, message: string): void;
  /** @param money in front of amounts: "$" */
  record(record: Record<string, unknown>, money: string): void;
  end(line: string): void;
  folder(folder: string): void;
  fail(line: string): void;
}

type Output = Pick<WriteStream, "write"> & { isTTY?: boolean };

export function createStory(output: Output): Story {
  const coloured = output.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const bold = paint(1);
  const dim = paint(2);
  const red = paint(31);
  const green = paint(32);
  const cyan = paint(36);
  const say = (line = "") => output.write(`${line}\n`);
  let steps = 0;

  return {
    begin(line) {
      steps = 0;
      say();
      say(bold(line));
    },
    step(title, call) {
      steps++;
      say();
      say(`${bold(`${steps}. ${title}`)}  ${cyan(call)}`);
    },
    facts(facts) {
      for (const [name, value] of Object.entries(facts)) say(`   ${dim(name.padEnd(10))} ${value}`);
    },
    refusal(rule, message) {
      say(`   ${red("refused")}    ${bold(rule)}: ${message}`);
    },
    record(record, money) {
      const text = (name: string) => (typeof record[name] === "string" ? record[name] : "");
      const amount = text("cash_amount");
      const cells = [
        String(record.journal_seq).padStart(4),
        text("at").slice(11, 19),
        text("kind").padEnd(10),
        text("side").padEnd(4),
        text("symbol").padEnd(8),
        (text("quantity") || (amount && `${money}${amount}`)).padStart(8),
        text("status"),
      ];
      say(`   ${dim(cells.join("  "))}`);
    },
    end(line) {
      say();
      say(green(line));
    },
    folder(folder) {
      say(dim(`Accounts and journals are in ${folder}. Run it again: it goes on from here.`));
      say();
    },
    fail(line) {
      say();
      say(red(`This is not as it should be: ${line}`));
      say();
    },
  };
}
