import Tensors

/// Reads `name(setting=value, …)`; a value is a number, `true`, `false`, or a component again.
struct ComponentParser {
    private let text: String
    private var rest: Substring

    /// Deeper than any component, and shallow enough for the stack.
    private static let mostLevels = 8

    init(_ text: String) { (self.text, rest) = (text, text[...]) }

    /// The component that the whole text describes.
    mutating func whole() throws -> ComponentDescription {
        let component = try component(level: 0)
        try end()
        return component
    }

    /// The components that the whole text describes, with commas between.
    mutating func list() throws -> [ComponentDescription] {
        var components = [try component(level: 0)]
        while take(",") { components.append(try component(level: 0)) }
        try end()
        return components
    }

    private mutating func end() throws {
        skipSpaces()
        guard rest.isEmpty else { throw unreadable("has \"\(rest.prefix(20))\" after its end") }
    }

    private mutating func component(level: Int) throws -> ComponentDescription {
        guard level < Self.mostLevels else { throw unreadable("has too many levels") }
        let name = try word("a name")
        guard take("(") else { return ComponentDescription(name) }
        var arguments: [String: ComponentDescription.Argument] = [:]
        while !take(")") {
            if !arguments.isEmpty, !take(",") { throw unreadable("lacks a ',' or ')'") }
            let setting = try word("a setting's name")
            guard take("=") else { throw unreadable("lacks a '=' after \(setting)") }
            guard arguments[setting] == nil else { throw unreadable("has \(setting) twice") }
            arguments[setting] = try argument(level: level)
        }
        return ComponentDescription(name, arguments)
    }

    private mutating func argument(level: Int) throws -> ComponentDescription.Argument {
        skipSpaces()
        let number = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        if let value = Double(number), number.contains(where: \.isNumber) {
            guard value.isFinite else { throw unreadable("has \(number), which is out of range") }
            rest.removeFirst(number.count)
            return .number(value)
        }
        let value = try component(level: level + 1)
        guard value.arguments.isEmpty, let flag = Bool(value.name) else { return .component(value) }
        return .flag(flag)
    }

    private mutating func word(_ expected: String) throws -> String {
        skipSpaces()
        let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = word.first, first.isLetter || first == "_" else {
            throw unreadable(
                rest.isEmpty ? "ends where \(expected) should be" : "has no \(expected) at \"\(rest.prefix(20))\"")
        }
        rest.removeFirst(word.count)
        return String(word)
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpaces()
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipSpaces() { rest = rest.drop(while: \.isWhitespace) }

    private func unreadable(_ fact: String) -> InputError {
        InputError("'\(text)'", fact, remedy: "Write a name and, if wanted, settings: NAME(setting=value, …).")
    }
}
