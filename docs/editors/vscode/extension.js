// Starts `kxsh --lsp`. Without vscode-languageclient (`npm install`) there is highlighting only.
const { workspace, window } = require("vscode");

let client;

async function activate() {
  let library;
  try {
    library = require("vscode-languageclient/node");
  } catch {
    window.showWarningMessage("kxs: run `npm install` in the extension's folder for findings");
    return;
  }
  const command = workspace.getConfiguration("kxs").get("command", "kxsh");
  const server = { command, args: ["--lsp"], transport: library.TransportKind.stdio };
  const options = { documentSelector: [{ language: "kxs" }] };
  client = new library.LanguageClient("kxs", "kxsh", { run: server, debug: server }, options);
  await client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
