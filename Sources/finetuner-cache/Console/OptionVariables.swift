import Foundation
import Tensors

/// Environment variables that stand for options: `FTC_BATCH_SIZE=8` for `--batch-size 8` of every command that has it, and
/// `FTC_TRAIN_HEAD_BATCH_SIZE=64` for that of one command, which goes first.
struct OptionVariables {
    private let variables: [String: String]

    /// What all of them begin with.
    static let prefix = "FTC_"
    /// The one that names the configuration file.
    static let configuration = prefix + "CONFIG"

    /// Those of an environment; one that is empty counts as not set.
    init(_ environment: [String: String]) {
        variables = environment.filter {
            $0.key.hasPrefix(Self.prefix) && $0.key != Self.configuration && !$0.value.isEmpty
        }
    }

    /// Whether there is none.
    var isEmpty: Bool { variables.isEmpty }

    /// The arguments for the command `names` that are set and that `given` has not. Throws `InputError` where a flag is neither on nor
    /// off.
    func arguments(
        for names: [String], of commands: CommandOutline, besides given: [String]
    ) throws -> [String] {
        guard let (command, _) = commands.command(names) else { return [] }
        return try (command.arguments ?? []).compactMap { command.option($0.name) }.filter { !$0.isGiven(in: given) }
            .flatMap { option in
                let own = Self.name(names + [option.name])
                let name = variables[own] == nil ? Self.name([option.name]) : own
                return try variables[name].map { try words(option, $0, name) } ?? []
            }
    }

    /// The variables that stand for no option of any command, sorted.
    func unknown(to commands: CommandOutline) -> [String] {
        let known = commands.named.flatMap { path, command in
            (command.arguments ?? []).compactMap { command.option($0.name)?.name }
                .flatMap { [Self.name([$0]), Self.name(path + [$0])] }
        }
        return Set(variables.keys).subtracting(known).sorted()
    }

    private func words(_ option: CommandOutline.Option, _ value: String, _ name: String) throws -> [String] {
        guard option.isFlag else {
            // Several values of an option that takes them stand on lines of their own.
            let values = option.isRepeating ? value.split(separator: "\n").map(String.init) : [value]
            return values.map { "--\(option.name)=\($0)" }
        }
        switch value.lowercased() {
        case "1", "true", "yes", "on": return ["--\(option.name)"]
        case "0", "false", "no", "off": return []
        default:
            throw InputError(name, "is '\(value)', and \(option.name) is on or off", remedy: "Set it to 1 or 0.")
        }
    }

    private static func name(_ words: [String]) -> String {
        prefix + words.joined(separator: "_").replacing("-", with: "_").uppercased()
    }
}
