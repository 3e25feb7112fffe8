import ArgumentParser
import Foundation
import TOMLKit
import Tensors

/// A TOML file with values of options: those at the top for every command that has the option, those in a table for the command of
/// its name.
///
///     store = "birds.fcstore"
///     [train-head]
///     output-dim = 512
///     sweep = ["learning-rate=1e-4,1e-3"]
///     keep-trained = true
struct ConfigurationFile {
    private let path: String
    private let table: TOMLTable

    /// In bytes: the parser's stack grows with the depth of keys.
    private static let largestSize = 32 << 10

    /// Reads a file. Throws `InputError` where it cannot be read or is no TOML.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(path, "cannot be read: \(InputError.systemReason)", remedy: "Give --config a TOML file.")
        }
        guard data.count <= Self.largestSize else {
            throw InputError(path, "has \(data.count) bytes, more than the \(Self.largestSize) of any configuration")
        }
        let text = String(decoding: data, as: UTF8.self)
        if let line = Self.badHeader(in: text) {
            throw InputError("\(path), line \(line)", "is no TOML: it is neither the head of a table nor text")
        }
        do { table = try TOMLTable(string: text) } catch let error as TOMLParseError {
            throw InputError("\(path), line \(error.source.begin.line)", "is no TOML: \(error.description)")
        }
        self.path = path
    }

    /// The line, from 1, that the parser would not survive: a NUL, where it takes the text to end, or brackets with no key behind
    /// them, on which toml++ 3 aborts.
    private static func badHeader(in text: String) -> Int? {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let isBlank = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" }
        let number = lines.firstIndex { line in
            guard !line.contains("\0") else { return true }
            var rest = line.drop(while: isBlank)
            guard rest.first == "[" else { return false }
            rest = rest.dropFirst().drop(while: isBlank)
            if rest.first == "[" { rest = rest.dropFirst().drop(while: isBlank) }
            guard let next = rest.first else { return true }
            let isKey =
                next.isASCII && (next.properties.isAlphabetic || "0123456789-_'\"]".unicodeScalars.contains(next))
            return !isKey
        }
        return number.map { $0 + 1 }
    }

    /// The arguments with what the file of their `--config` says put in, right behind the command's name, for options that they do
    /// not give themselves; as they are where they name none, and `commands` is not asked for then. Throws `InputError` where the file cannot be used.
    static func expanding(
        _ arguments: [String], of commands: @autoclosure () throws -> CommandOutline
    ) throws -> [String] {
        guard let path = path(in: arguments), let place = arguments.firstIndex(where: { !$0.hasPrefix("-") }) else {
            return arguments
        }
        let commands = try commands()
        guard let command = commands.command(arguments[place]) else { return arguments }
        let added = try ConfigurationFile(path: path).arguments(for: command, of: commands, besides: arguments)
        return Array(arguments[...place]) + added + arguments[(place + 1)...]
    }

    private static func path(in arguments: [String]) -> String? {
        if let inline = arguments.first(where: { $0.hasPrefix("--config=") }) { return String(inline.dropFirst(9)) }
        guard let place = arguments.firstIndex(of: "--config"), place + 1 < arguments.count else { return nil }
        return arguments[place + 1]
    }

    private func arguments(
        for command: CommandOutline.Command, of commands: CommandOutline, besides given: [String]
    ) throws -> [String] {
        var settings: [(option: CommandOutline.Option, value: any TOMLValueConvertible, key: String)] = []
        for (key, value) in table {
            if let inner = value.table {
                guard let named = commands.command(key) else { throw unknown(key, "is no command") }
                for (name, value) in inner {
                    guard let option = named.option(name) else {
                        throw unknown("\(key).\(name)", "is no option of \(key)")
                    }
                    if named.name == command.name { settings.append((option, value, "\(key).\(name)")) }
                }
            } else {
                guard commands.commands.contains(where: { $0.option(key) != nil }) else {
                    throw unknown(key, "is no option of any command")
                }
                let isOverridden = table[command.name]?.table?.contains(key: key) ?? false
                if let option = command.option(key), !isOverridden { settings.append((option, value, key)) }
            }
        }
        return try settings.sorted { $0.key < $1.key }.filter { !$0.option.isGiven(in: given) }
            .flatMap { try words($0.option, $0.value, $0.key) }
    }

    private func words(_ option: CommandOutline.Option, _ value: any TOMLValueConvertible, _ key: String) throws
        -> [String]
    {
        if option.isFlag {
            guard let isOn = value.bool else { throw unknown(key, "is a flag: its value is true or false") }
            return isOn ? ["--\(option.name)"] : []
        }
        let values = value.array.map(Array.init) ?? [value]
        guard option.isRepeating || values.count == 1 else { throw unknown(key, "takes one value") }
        return try values.map { value in
            guard
                let text = value.string ?? value.int.map(String.init) ?? value.double?.description
                    ?? value.bool?.description
            else { throw unknown(key, "is neither text nor a number") }
            return "--\(option.name)=\(text)"
        }
    }

    private func unknown(_ key: String, _ fact: String) -> InputError {
        InputError("\(path): \(key)", fact, remedy: "See 'finetuner-cache help COMMAND' for what a command takes.")
    }
}
