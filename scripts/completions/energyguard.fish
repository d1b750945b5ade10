# SPDX-License-Identifier: MIT
# Completion for fish. It reads the program's --help, which comes from the program's table
# of options, so that it fits the version that is installed.

for line in (@PROGRAM@ --help 2>/dev/null)
    string match -qr '^ +(?:-(?<short>[a-zA-Z0-9]), )?--(?<long>[a-z0-9-]+) (?<arg>[][A-Z][][A-Za-z0-9=:.,_-]*)? *(?<text>.*)$' -- $line
    or continue
    set -l words -l $long
    test -n "$short"; and set -a words -s $short
    switch "$arg"
        case ''
        case '*FILE*' DB PATH '*DIR*'
            set -a words -r -F
        case '*'
            set -a words -x
    end
    complete -c @PROGRAM@ $words -d "$text"
end
# The command behind `--` has its own completion.
complete -c @PROGRAM@ -n 'contains -- -- (commandline -opc)' \
    -a '(complete -C (string replace -r "^.* -- " "" -- (commandline -cp)))'
