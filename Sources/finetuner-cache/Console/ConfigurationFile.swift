import ArgumentParser
import Foundation
import TOMLKit
import Tensors

/// A TOML file with values of options: those at the top for every command that has the option, those in a table for the command of
/// its name, `[index.build]` for one within another.
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
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw InputError(
                path, "cannot be read: \(InputError.reason(of: error))", remedy: "Give --config a TOML file.")
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

    /// The file that `--config` names; nil where no argument is that.
    static func path(in arguments: [String]) -> String? {
        if let inline = arguments.first(where: { $0.hasPrefix("--config=") }) { return String(inline.dropFirst(9)) }
        guard let place = arguments.firstIndex(of: "--config"), place + 1 < arguments.count else { return nil }
        return arguments[place + 1]
    }

    /// A setting of the file.
    private typealias Setting = (option: CommandOutline.Option, value: any TOMLValueConvertible, key: String)

    /// The arguments for the command `names` that the file has and `given` has not. Throws `InputError` where it names what is no command or
    /// option, or gives an option what it cannot take.
    func arguments(
        for names: [String], of commands: CommandOutline, besides given: [String]
    ) throws -> [String] {
        guard let (command, _) = commands.command(names) else { return [] }
        var (own, common) = ([Setting](), [Setting]())
        for (key, value) in table {
            if let inner = value.table {
                guard let (named, _) = commands.command([key]) else { throw unknown(key, "is no command") }
                own += try settings(in: inner, of: named, [key], for: names)
            } else {
                guard commands.commands.contains(where: { $0.option(key) != nil }) else {
                    throw unknown(key, "is no option of any command")
                }
                if let option = command.option(key) { common.append((option, value, key)) }
            }
        }
        let overridden = Set(own.map(\.option.name))
        return try (own + common.filter { !overridden.contains($0.option.name) })
            .sorted { $0.key < $1.key }.filter { !$0.option.isGiven(in: given) }
            .flatMap { try words($0.option, $0.value, $0.key) }
    }

    /// The settings in the table of `command`, whose names are `path`, and of those within it, that are for the command `names`.
    private func settings(
        in table: TOMLTable, of command: CommandOutline.Command, _ path: [String], for names: [String]
    ) throws -> [Setting] {
        var found: [Setting] = []
        for (name, value) in table {
            let key = (path + [name]).joined(separator: ".")
            if let inner = value.table, let within = command.command(name) {
                found += try settings(in: inner, of: within, path + [name], for: names)
            } else if let option = command.option(name) {
                if path == names { found.append((option, value, key)) }
            } else {
                throw unknown(key, "is no option of \(path.joined(separator: " "))")
            }
        }
        return found
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
            guard !text.isEmpty else { throw unknown(key, "is empty") }
            return "--\(option.name)=\(text)"
        }
    }

    private func unknown(_ key: String, _ fact: String) -> InputError {
        InputError("\(path): \(key)", fact, remedy: "See 'finetuner-cache help COMMAND' for what a command takes.")
    }
}
