import ArgumentParser
import Foundation

/// Options that the command line leaves out, from environment variables and from the file of `--config`, which `FTC_CONFIG` names, too.
enum OptionDefaults {
    /// The arguments with those from elsewhere put in, right behind the command's name: what the arguments say counts, then the
    /// environment, then the file. `commands` is asked for only where one of these is there; `warn` is told of variables that stand for
    /// nothing. Throws `InputError` where one cannot be used.
    static func expanding(
        _ arguments: [String], environment: [String: String], of commands: @autoclosure () throws -> CommandOutline,
        warn: (String) -> Void
    ) throws -> [String] {
        try requireValues(arguments)
        let variables = OptionVariables(environment)
        let file =
            ConfigurationFile.path(in: arguments)
            ?? environment[OptionVariables.configuration].flatMap { $0.isEmpty ? nil : $0 }
        guard file != nil || !variables.isEmpty, let place = arguments.firstIndex(where: { !$0.hasPrefix("-") }) else {
            return arguments
        }
        let commands = try commands()
        for name in variables.unknown(to: commands) { warn("\(name) stands for no option of any command") }
        guard let (_, length) = commands.command(arguments[place...]) else { return arguments }
        let names = Array(arguments[place..<place + length])
        var added = try variables.arguments(for: names, of: commands, besides: arguments)
        if let file {
            added += try ConfigurationFile(path: file).arguments(for: names, of: commands, besides: arguments + added)
        }
        return Array(arguments[..<(place + length)]) + added + arguments[(place + length)...]
    }

    /// Refuses `--html=`, whose value the parser would take from the next argument, such as a picture that is then written over.
    private static func requireValues(_ arguments: [String]) throws {
        for argument in arguments.prefix(while: { $0 != "--" })
        where argument.hasPrefix("--") && argument.firstIndex(of: "=") == argument.indices.last {
            throw ValidationError("Missing value for '\(argument.dropLast())'.")
        }
    }
}
