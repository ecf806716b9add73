/** https://fishshell.com/docs/current/completions.html */
export const FISH_SCRIPT = `# fish completion for devbox: devbox completion fish | source
function __devbox_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l program (string replace -r '^~' $HOME -- $words[1])
  set -e words[1]
  # Paths are completed by fish, behind what is typed before the equals sign.
  set -l path (string replace -r '^--[^=]*=' '' -- $current)
  set -l prefix (string sub -l (math (string length -- "$current") - (string length -- "$path")) -- "$current")
  for line in ($program __complete -- $words "$current" 2>/dev/null)
    switch $line
      case ':file'
        __fish_complete_path $path | string replace -r '^' -- "$prefix"
      case ':directory'
        __fish_complete_directories $path | string replace -r '^' -- "$prefix"
      case ':*'
      case '*'
        echo $line
    end
  end
end
complete -c devbox -f -a '(__devbox_complete)'
`;
