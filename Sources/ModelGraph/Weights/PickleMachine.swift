import Tensors

/// An object that a pickle described, with what it refers to.
struct PickledObject: Sendable {
    let value: PickleValue
    let arena: PickleArena
    /// The offset of the first byte after the pickle.
    let end: Int
}

/// Follows a pickle without running anything: it builds plain containers and descriptions of tensors, and stops at
/// whatever asks for more. Names outside `TorchGlobal`'s allow-list are an `InputError` that names them.
struct PickleMachine {
    private var cursor: PickleCursor
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var arena = PickleArena()

    /// What to do about a pickle that holds more than weights.
    static let remedy = "Save the weights alone, with torch.save(model.state_dict(), FILE) or as safetensors."

    /// Reads the pickle that begins at `position`. Throws `InputError` where it is damaged or asks for more than tensors.
    static func object(in bytes: UnsafeRawBufferPointer, at position: Int = 0) throws -> PickledObject {
        var machine = PickleMachine(cursor: PickleCursor(bytes, at: position))
        return try machine.run()
    }

    private init(cursor: PickleCursor) { self.cursor = cursor }

    private mutating func run() throws -> PickledObject {
        while true {
            let byte = try cursor.byte()
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw InputError("pickle", "has the unknown instruction \(byte) at offset \(cursor.position - 1)")
            }
            if opcode == .stop {
                return PickledObject(value: try pop(), arena: arena, end: cursor.position)
            }
            if try !control(opcode), try !number(opcode), try !text(opcode), try !container(opcode),
                try !remember(opcode)
            {
                try call(opcode)
            }
            guard stack.count <= PickleArena.largestCount, memo.count <= PickleArena.largestCount, !arena.isFull else {
                throw InputError("pickle", "describes more than \(PickleArena.largestCount) values")
            }
        }
    }

    // MARK: The stack

    private func damaged(_ fact: String) -> InputError {
        InputError("pickle", "\(fact) at offset \(cursor.position)", remedy: "The file is damaged; get it again.")
    }

    private mutating func pop() throws -> PickleValue {
        guard let last = stack.last, stack.count > (marks.last ?? 0) else { throw damaged("takes from an empty stack") }
        stack.removeLast()
        return last
    }

    private func top() throws -> PickleValue {
        guard let last = stack.last, stack.count > (marks.last ?? 0) else { throw damaged("takes from an empty stack") }
        return last
    }

    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw damaged("takes from an empty stack") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws -> [PickleValue] {
        guard let mark = marks.popLast() else { throw damaged("looks for a mark that is not there") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func control(_ opcode: PickleOpcode) throws -> Bool {
        switch opcode {
        case .protocolVersion:
            let version = try cursor.byte()
            guard version <= 5 else { throw InputError("pickle", "has protocol \(version), newer than 5") }
        case .frame: _ = try cursor.unsigned(UInt64.self)  // a hint for readers that buffer
        case .mark: marks.append(stack.count)
        case .pop:
            if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
        case .popMark: _ = try popToMark()
        case .duplicate: stack.append(try top())
        default: return false
        }
        guard marks.count <= PickleArena.largestCount else { throw damaged("sets too many marks") }
        return true
    }
}

// MARK: Plain values
extension PickleMachine {
    private mutating func number(_ opcode: PickleOpcode) throws -> Bool {
        switch opcode {
        case .none: stack.append(.none)
        case .newTrue: stack.append(.bool(true))
        case .newFalse: stack.append(.bool(false))
        case .binaryInteger:
            stack.append(.integer(Int(Int32(bitPattern: try cursor.unsigned(UInt32.self)))))
        case .binaryInteger1: stack.append(.integer(Int(try cursor.byte())))
        case .binaryInteger2: stack.append(.integer(Int(try cursor.unsigned(UInt16.self))))
        case .long1: stack.append(Self.integer(try cursor.counted(by: UInt8.self)))
        case .long4: stack.append(Self.integer(try cursor.counted(by: UInt32.self)))
        case .binaryFloat:
            let bits = try cursor.unsigned(UInt64.self).byteSwapped  // the one big-endian number of the format
            stack.append(.float(Double(bitPattern: bits)))
        case .textInteger: stack.append(try textInteger())
        case .textLong:
            let line = try cursor.line()
            guard let value = Int(line.hasSuffix("L") ? line.dropLast() : line[...]) else {
                throw damaged("has the number '\(line.prefix(40))'")
            }
            stack.append(.integer(value))
        case .textFloat:
            let line = try cursor.line()
            guard let value = Double(line) else { throw damaged("has the number '\(line.prefix(40))'") }
            stack.append(.float(value))
        default: return false
        }
        return true
    }

    private mutating func textInteger() throws -> PickleValue {
        let line = try cursor.line()
        if line == "00" { return .bool(false) }
        if line == "01" { return .bool(true) }
        guard let value = Int(line) else { throw damaged("has the number '\(line.prefix(40))'") }
        return .integer(value)
    }

    /// A little-endian two's complement number of any length.
    private static func integer(_ bytes: UnsafeRawBufferPointer) -> PickleValue {
        guard bytes.count <= 8 else { return .longInteger(Array(bytes)) }
        var value = (bytes.last ?? 0) & 0x80 == 0 ? 0 : -1
        for byte in bytes.reversed() { value = value << 8 | Int(byte) }
        return .integer(value)
    }

    private mutating func text(_ opcode: PickleOpcode) throws -> Bool {
        switch opcode {
        case .binaryUnicode: try push(cursor.counted(by: UInt32.self))
        case .shortBinaryUnicode: try push(cursor.counted(by: UInt8.self))
        case .binaryUnicode8: try push(cursor.counted(by: UInt64.self))
        case .binaryString: try push(cursor.counted(by: UInt32.self))
        case .shortBinaryString: try push(cursor.counted(by: UInt8.self))
        case .textUnicode: stack.append(.string(try plain(try cursor.line())))
        case .textString:
            let line = try cursor.line()
            guard line.count >= 2, let quote = line.first, quote == "'" || quote == "\"", line.last == quote else {
                throw damaged("has an unquoted string")
            }
            stack.append(.string(try plain(String(line.dropFirst().dropLast()))))
        case .binaryBytes:
            _ = try cursor.counted(by: UInt32.self)
            stack.append(.inert)
        case .shortBinaryBytes:
            _ = try cursor.counted(by: UInt8.self)
            stack.append(.inert)
        case .binaryBytes8, .byteArray8:
            _ = try cursor.counted(by: UInt64.self)
            stack.append(.inert)
        default: return false
        }
        return true
    }

    private mutating func push(_ utf8: UnsafeRawBufferPointer) {
        stack.append(.string(String(decoding: utf8, as: UTF8.self)))
    }

    private func plain(_ text: String) throws -> String {
        guard !text.contains("\\") else { throw damaged("has a string with escapes, which torch.save does not write") }
        return text
    }
}

// MARK: Containers
extension PickleMachine {
    private mutating func container(_ opcode: PickleOpcode) throws -> Bool {
        switch opcode {
        case .emptyTuple, .emptyList, .emptySet: stack.append(arena.add([PickleValue]()))
        case .tuple, .list, .frozenSet: stack.append(arena.add(try popToMark()))
        case .tuple1: stack.append(arena.add(try pop(1)))
        case .tuple2: stack.append(arena.add(try pop(2)))
        case .tuple3: stack.append(arena.add(try pop(3)))
        case .append: try extendSequence(with: try pop(1))
        case .appends, .addItems: try extendSequence(with: try popToMark())
        case .emptyDictionary: stack.append(arena.addDictionary())
        case .dictionary: stack.append(arena.addDictionary(try pairs(of: try popToMark())))
        case .setItem: try extendDictionary(with: try pairs(of: try pop(2)))
        case .setItems: try extendDictionary(with: try pairs(of: try popToMark()))
        default: return false
        }
        return true
    }

    private mutating func extendSequence(with elements: [PickleValue]) throws {
        guard case .sequence(let index) = try top() else { throw damaged("appends to what is not a list") }
        arena.sequences[index] += elements
    }

    private mutating func extendDictionary(with pairs: [(key: PickleValue, value: PickleValue)]) throws {
        guard case .dictionary(let index) = try top() else { throw damaged("sets items of what is not a dictionary") }
        arena.dictionaries[index] += pairs
    }

    private func pairs(of values: [PickleValue]) throws -> [(key: PickleValue, value: PickleValue)] {
        guard values.count % 2 == 0 else { throw damaged("has a key without a value") }
        return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }

    private mutating func remember(_ opcode: PickleOpcode) throws -> Bool {
        switch opcode {
        case .binaryPut: memo[Int(try cursor.byte())] = try top()
        case .longBinaryPut: memo[Int(try cursor.unsigned(UInt32.self))] = try top()
        case .textPut: memo[try memoIndex()] = try top()
        case .memoize: memo[memo.count] = try top()
        case .binaryGet: try recall(Int(try cursor.byte()))
        case .longBinaryGet: try recall(Int(try cursor.unsigned(UInt32.self)))
        case .textGet: try recall(try memoIndex())
        default: return false
        }
        return true
    }

    private mutating func memoIndex() throws -> Int {
        let line = try cursor.line()
        guard let index = Int(line), index >= 0 else { throw damaged("has the memo number '\(line.prefix(40))'") }
        return index
    }

    private mutating func recall(_ index: Int) throws {
        guard let value = memo[index] else { throw damaged("asks for memo \(index), which was never kept") }
        stack.append(value)
    }
}

// MARK: Names and calls
extension PickleMachine {
    private mutating func call(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .global:
            let (module, name) = (try cursor.line(), try cursor.line())
            stack.append(.global(try TorchGlobal(module: module, name: name)))
        case .stackGlobal:
            guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
                throw damaged("names a global by what is not a string")
            }
            stack.append(.global(try TorchGlobal(module: module, name: name)))
        case .reduce:
            let (arguments, callable) = (try pop(), try pop())
            guard case .global(let global) = callable, let list = arena.elements(of: arguments) else {
                throw InputError(
                    "pickle", "calls what is not a name of torch; nothing was called", remedy: Self.remedy)
            }
            stack.append(try global.result(of: list, in: &arena))
        case .build:
            _ = try pop()  // attributes, such as the _metadata of a state_dict
            guard case .dictionary = try top() else {
                throw InputError(
                    "pickle", "sets the state of what is not a dictionary; nothing was called", remedy: Self.remedy)
            }
        case .binaryPersistentID: stack.append(try TorchStorage.described(by: try pop(), in: &arena))
        case .persistentID: stack.append(try TorchStorage.described(by: .string(try cursor.line()), in: &arena))
        case .instance: _ = try TorchGlobal(module: try cursor.line(), name: try cursor.line()); throw refusal(opcode)
        default: throw refusal(opcode)
        }
    }

    private func refusal(_ opcode: PickleOpcode) -> InputError {
        let name = opcode.refusedName ?? "\(opcode)"
        return InputError(
            "pickle",
            "makes an object with the instruction \(name) at offset \(cursor.position - 1); nothing was called",
            remedy: Self.remedy)
    }
}
