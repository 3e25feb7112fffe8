import ArgumentParser
import Foundation

/// The commands of the program and their options, as the argument parser knows them.
struct CommandOutline: Decodable {
    /// An option or flag.
    struct Option: Decodable {
        /// A way to write it.
        struct Name: Decodable { let kind, name: String }

        let kind: String
        let names: [Name]?
        let isRepeating: Bool

        var isFlag: Bool { kind == "flag" }
        /// Its long name; empty for a positional argument.
        var name: String { names?.first { $0.kind == "long" }?.name ?? "" }

        /// Whether a command line gives it, by any of its names.
        func isGiven(in arguments: [String]) -> Bool {
            (names ?? []).contains { name in
                let word = name.kind == "long" ? "--\(name.name)" : "-\(name.name)"
                return arguments.contains { $0 == word || $0.hasPrefix(word + "=") }
            }
        }
    }

    /// A command.
    struct Command: Decodable {
        let commandName: String
        let arguments: [Option]?
        let subcommands: [Command]?

        var name: String { commandName }

        /// The command of a name within this one.
        func command(_ name: String) -> Command? { subcommands?.first { $0.name == name } }

        /// The option of a long name.
        func option(_ name: String) -> Option? {
            arguments?.first { $0.name == name && name != "help" && name != "config" && name != "version" }
        }
    }

    private let command: Command

    /// All commands, those within others too.
    var commands: [Command] {
        let outer = command.subcommands ?? []
        return outer + outer.flatMap { $0.subcommands ?? [] }
    }

    /// All commands with the words that name each.
    var named: [(path: [String], command: Command)] {
        (command.subcommands ?? []).flatMap { outer in
            [([outer.name], outer)] + (outer.subcommands ?? []).map { ([outer.name, $0.name], $0) }
        }
    }

    /// The command that some words name, such as `index build`, and with how many of them; nil where the first names none.
    func command(_ words: some Collection<String>) -> (command: Command, length: Int)? {
        var (found, length) = (command, 0)
        for word in words.prefix(2) {
            guard let next = found.command(word) else { break }
            (found, length) = (next, length + 1)
        }
        return length == 0 ? nil : (found, length)
    }

    /// The outline of a program.
    static func of(_ program: (some ParsableCommand).Type) throws -> CommandOutline {
        try JSONDecoder().decode(CommandOutline.self, from: Data(program._dumpHelp().utf8))
    }
}
