import Tensors

/// The object of a preprocessing file, read key by key. Missing keys and null are nil; every error names the key.
struct PreprocessingKeys {
    /// The object's members, without those that are null.
    let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) {
        self.members = members.filter { $0.value != .null }
    }

    subscript(key: String) -> JSONValue? { members[key] }

    /// Whether any of `keys` is there.
    func hasAny(of keys: [String]) -> Bool { keys.contains { members[$0] != nil } }

    /// The error about `key`.
    func refusal(_ key: String, _ fact: String? = nil, remedy: String) -> InputError {
        InputError("key '\(key.prefix(40))'", fact ?? "is \(members[key]?.shown ?? "missing")", remedy: remedy)
    }

    /// The value of `key` as `read` takes it. Throws where `read` gives nil.
    func value<Value>(_ key: String, remedy: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let member = members[key] else { return nil }
        guard let value = read(member) else { throw refusal(key, remedy: remedy) }
        return value
    }

    /// True or false.
    func bool(_ key: String) throws -> Bool? {
        try value(key, remedy: "Give true or false.") { if case .bool(let value) = $0 { value } else { nil } }
    }

    /// Text.
    func string(_ key: String) throws -> String? {
        try value(key, remedy: "Give text.") { if case .string(let value) = $0 { value } else { nil } }
    }

    /// A number of colors: three, or where `single`, one for all of them.
    func colors(_ key: String, single: Bool = false, positive: Bool = false) throws -> ColorValues? {
        let kind = positive ? "positive" : "finite"
        return try value(key, remedy: "Give three \(kind) numbers: of red, green and blue.") { value in
            let numbers: [JSONValue]
            switch value {
            case .array(let values): numbers = values
            case .number where single: numbers = [value, value, value]
            default: return nil
            }
            let floats = numbers.compactMap { if case .number(let number) = $0 { Float(number) } else { nil } }
            guard floats.count == numbers.count, !positive || floats.allSatisfy({ $0 > 0 }) else { return nil }
            return ColorValues(floats)
        }
    }

    /// The crop fraction that `key` gives.
    func cropFraction(_ key: String) throws -> Double? {
        let range = ResizeChoice.cropFractions
        return try value(key, remedy: "Give \(range.lowerBound) to 1.") {
            if case .number(let number) = $0, range.contains(number) { number } else { nil }
        }
    }

    /// The filter that `key` names.
    func interpolation(_ key: String) throws -> Interpolation? {
        let names = Interpolation.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(key, remedy: "Give one of \(names).") {
            if case .string(let name) = $0 { Interpolation(rawValue: name) } else { nil }
        }
    }

    /// What to say of sizes.
    static let sizeRemedy = "Give whole numbers from 1 to \(InputSize.largestSide)."
}

extension JSONValue {
    /// A whole number from 1 to `InputSize.largestSide`.
    var side: Int? {
        guard case .number(let number) = self, let side = Int(exactly: number) else { return nil }
        return (1...InputSize.largestSide).contains(side) ? side : nil
    }
}
