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

        /// The option of a long name.
        func option(_ name: String) -> Option? {
            arguments?.first { $0.name == name && name != "help" && name != "config" && name != "version" }
        }
    }

    private let command: Command

    /// All commands.
    var commands: [Command] { command.subcommands ?? [] }

    /// The command of a name.
    func command(_ name: String) -> Command? { commands.first { $0.name == name } }

    /// The outline of a program.
    static func of(_ program: (some ParsableCommand).Type) throws -> CommandOutline {
        try JSONDecoder().decode(CommandOutline.self, from: Data(program._dumpHelp().utf8))
    }
}
