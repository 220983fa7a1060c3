// @ts-check
// How to call npm: the very npm that started us when there is one, else the one on the PATH.

/**
 * The command line that runs npm with these arguments, to be spawned without a shell.
 *
 * @param {string[]} args
 * @returns {[string, ...string[]]}
 */
export function npmCommand(args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith(".js") ? [process.execPath, cli, ...args] : ["npm", ...args];
}
