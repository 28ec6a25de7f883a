/** What a person sees who starts the server by hand: it waits for a client, and this is how to give it one. */
export function terminalNotice(server: { name: string; command: readonly string[] }): string {
  const command = server.command.map(quoted).join(" ");
  return [
    `This is an MCP server: it waits for a client on stdin. To add it to Claude Code:`,
    ``,
    `  claude mcp add ${server.name} -- ${command}`,
    ``,
    `Any other MCP client takes the same command. Ctrl+C ends it; --help shows what else it does.`,
    ``,
  ].join("\n");
}

function quoted(part: string): string {
  return /^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", `'\\''`)}'`;
}
