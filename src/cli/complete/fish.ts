/** https://fishshell.com/docs/current/completions.html */
export const FISH_SCRIPT = `# fish completion for devbox: devbox completion fish | source
function __devbox_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l program (string replace -r '^~' $HOME -- $words[1])
  set -e words[1]
  for line in ($program __complete -- $words "$current" 2>/dev/null)
    switch $line
      case ':file'
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- $current)
      case ':directory'
        __fish_complete_directories (string replace -r '^--[^=]*=' '' -- $current)
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c devbox -f -a '(__devbox_complete)'
`;
