import Tensors
import Testing

@testable import ModelGraph

@Suite("PickleMachine")
struct PickleMachineTests {
    @Test("Plain values of every protocol are read")
    func plainValues() throws {
        #expect(try value("N.") == .none)
        #expect(try value("I01\n.") == .bool(true))
        #expect(try value("I-17\n.") == .integer(-17))
        #expect(try value("L123456789012L\n.") == .integer(123_456_789_012))
        #expect(try value("F2.5\n.") == .float(2.5))
        #expect(try value("S'text'\n.") == .string("text"))
        #expect(try value("Vtext\n.") == .string("text"))
        #expect(try value([0x80, 4, 0x95, 8, 0, 0, 0, 0, 0, 0, 0, 0x8C, 2, 0x68, 0x69, 0x94, 0x2E]) == .string("hi"))
        #expect(try value([0x80, 5, 0x96, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0x2E]) == .inert)
        #expect(try value([0x8D, 1, 0, 0, 0, 0, 0, 0, 0, 0x61, 0x2E]) == .string("a"))
        #expect(try value([0x8A, 0, 0x2E]) == .integer(0))
        #expect(try value([0x8A, 1, 0xFF, 0x2E]) == .integer(-1))
        #expect(try value([0x8B, 2, 0, 0, 0, 0, 1, 0x2E]) == .integer(256))
        #expect(try value([0x8A, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x2E]) == .longInteger([1, 2, 3, 4, 5, 6, 7, 8, 9]))
        #expect(try value([0x4A, 0xFE, 0xFF, 0xFF, 0xFF, 0x2E]) == .integer(-2))
        #expect(try value([0x47, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0x2E]) == .float(1.5))
    }

    @Test("Containers nest, and the memo gives back what was kept")
    func containers() throws {
        let object = try read(Array("(lp0\nI1\na(I2\nI3\ntag0\na.".utf8))
        guard case .sequence(let list) = object.value else { return #expect(Bool(false), "no list") }
        let elements = object.arena.sequences[list]
        #expect(elements.count == 3 && elements[0] == .integer(1))
        #expect(object.arena.integers(of: elements[1]) == [2, 3])
        #expect(elements[2] == object.value)  // the list holds itself

        let mapping = try read(Array("(dp0\nS'a'\nI1\ns(S'b'\nI2\nu.".utf8))
        guard case .dictionary(let index) = mapping.value else { return #expect(Bool(false), "no dictionary") }
        #expect(mapping.arena.dictionaries[index].map(\.key) == [.string("a"), .string("b")])
    }

    @Test("A name that no tensor needs is refused, and the error says which")
    func forbiddenNames() throws {
        let attacks: [String] = [
            "cos\nsystem\n(S'touch /tmp/x'\ntR.",
            "(ios\nsystem\n.", "(S'touch /tmp/x'\nios\nsystem\n.", "(cos\nsystem\nS'x'\no.",
            "S'os'\nS'system'\n\u{93}.",
        ]
        for attack in attacks {
            let bytes = attack.unicodeScalars.map { UInt8($0.value) }
            let error = #expect(throws: InputError.self) { try read(bytes) }
            #expect(error?.description.contains("os.system") == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("nothing was called") == true)
        }
        for name in [
            "builtins\neval", "__builtin__\nexec", "torch\nload", "torch.hub\nload", "posix\nsystem", "\n", "torch\n",
        ] {
            #expect(throws: InputError.self) { try read(Array("c\(name)\n.".utf8)) }
        }
    }

    @Test(
        "Instructions that make objects or reach outside the pickle are refused by name",
        arguments: [
            ("ccollections\nOrderedDict\n)\u{81}.", "NEWOBJ"), ("ccollections\nOrderedDict\n)}\u{92}.", "NEWOBJ_EX"),
            ("(ccollections\nOrderedDict\no.", "OBJ"), ("(icollections\nOrderedDict\n.", "INST"),
            ("\u{82}\u{01}.", "EXT1"), ("\u{83}\u{01}\u{00}.", "EXT2"), ("\u{84}\u{01}\u{00}\u{00}\u{00}.", "EXT4"),
            ("\u{97}.", "NEXT_BUFFER"), ("N\u{98}.", "READONLY_BUFFER"),
        ])
    func refusedInstructions(_ attack: (pickle: String, name: String)) throws {
        let error = #expect(throws: InputError.self) {
            try read(attack.pickle.unicodeScalars.map { UInt8($0.value) })
        }
        #expect(error?.fact.contains("\(attack.name) ") == true, "\(error?.description ?? "")")
    }

    @Test(
        "What does not fit together is refused",
        arguments: [
            "S'x'\n)R.", "N)R.", "ctorch\nFloatStorage\n)R.", "ctorch\nfloat32\n)R.", "ctorch\nFloatStorage\nNR.",
            "ctorch._utils\n_rebuild_tensor_v2\n)R.", "ctorch._utils\n_rebuild_tensor_v2\n(I1\nI2\nI3\nI4\ntR.",
            "ctorch._utils\n_rebuild_parameter\n(NtR.", "ctorch\nSize\n}b.", "N}b.", "Pos.system\n.", "NQ.", "I5\nQ.",
            ")Q.",
            "(S'module'\nS'a'\nS'b'\nS'c'\nS'd'\ntQ.", "(S'storage'\nS'a'\nS'b'\nS'c'\nI1\ntQ.",
            "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI-1\ntQ.",
            "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI9223372036854775807\ntQ.",
            "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\n(S'v'\nI2\nI3\nttQ.",
            "(S'storage'\nctorch\nFloatStorage\nNS'cpu'\nI4\ntQ.",
            ".", "0.", "1.", "2.", "t.", "(.", "R.", "a.", "Na.", "NNa.", "(e.", "N(e.", "s.", "NNNs.", "}Nu.", "}(Nu.",
            "}Ns.",
            "(Nd.", "g1\n.", "h\u{01}.", "Np-1\n.", "Npx\n.", "Ix\n.", "Lx\n.", "Fx\n.", "Sx\n.", "S'\\x41'\n.",
            "V\\u0041\n.",
            "\u{80}\u{06}.", "\u{FF}.", "", "N", "q\u{00}.", "(q\u{00}.", "(N0(0000.",
        ])
    func nonsense(_ pickle: String) {
        #expect(throws: InputError.self) { try read(pickle.unicodeScalars.map { UInt8($0.value) }) }
    }

    @Test("Claims of absurd lengths take no memory")
    func absurdLengths() throws {
        let huge: [UInt8] = [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]
        for opcode: UInt8 in [0x8B, 0x58, 0x54, 0x42, 0x8D, 0x8E, 0x96] {
            #expect(throws: InputError.self) { try read([0x80, 4, opcode] + huge) }
        }
        #expect(throws: InputError.self) { try read([0x6A, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]) }
        #expect(try value([0x4E, 0x72, 0xFF, 0xFF, 0xFF, 0xFF, 0x2E]) == .none)  // a memo number is only a key
    }

    @Test("Nesting of any depth is released without recursion")
    func deepNesting() throws {
        let depth = 200_000
        let object = try read([UInt8](repeating: 0x29, count: 1) + [UInt8](repeating: 0x85, count: depth) + [0x2E])
        #expect(object.arena.sequences.count == depth + 1)
        #expect(throws: InputError.self) { try read([UInt8](repeating: 0x28, count: depth) + [0x2E]) }
    }

    @Test("A pickle of more values than any checkpoint has is refused")
    func tooManyValues() {
        #expect(throws: InputError.self) {
            try read([UInt8](repeating: 0x5D, count: PickleArena.largestCount + 10) + [0x2E])
        }
    }

    @Test("Every prefix and many damaged copies of a checkpoint's pickle are read or refused, never followed blindly")
    func damaged() throws {
        let whole = PickleWriter.pickle { writer in
            writer.dictionary(isOrdered: true) { writer in
                writer.string("conv1.weight")
                writer.tensor(StoredTensor(key: "0", shape: [2, 3]), isLegacy: true)
                writer.string("epoch")
                writer.integer(3)
            }
        }
        for length in whole.indices { #expect(throws: InputError.self) { try read(Array(whole[..<length])) } }
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            var copy = whole
            for _ in 0...generator.index(below: 3) {
                copy[generator.index(below: copy.count)] ^= 1 << UInt8(generator.index(below: 8))
            }
            do { _ = try read(copy) } catch { #expect(error is InputError) }
        }
    }

    private func read(_ bytes: [UInt8]) throws -> PickledObject {
        try bytes.withUnsafeBytes { try PickleMachine.object(in: $0) }
    }

    private func value(_ text: String) throws -> PickleValue { try read(Array(text.utf8)).value }
    private func value(_ bytes: [UInt8]) throws -> PickleValue { try read(bytes).value }
}
