import Foundation
import Tensors
import Testing

@Suite("Fingerprint and CanonicalJSON")
struct FingerprintTests {
    @Test("SHA-256 of the standard's vectors, in memory, in pieces and in a file")
    func vectors() throws {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Fingerprint(of: Data("abc".utf8)).hex == expected)
        #expect(
            Fingerprint(of: Data()).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var hasher = FingerprintHasher()
        for byte in "abc".utf8 { hasher.update([byte]) }
        #expect(hasher.finish().hex == expected)
        try HostileInput.withFile(Data("abc".utf8)) { try #expect(Fingerprint(ofFileAt: $0).hex == expected) }
        #expect(throws: InputError.self) { try Fingerprint(ofFileAt: "/nowhere/at/all") }
    }

    @Test("Bytes and hexadecimal digits are two forms of one value; anything else is none")
    func forms() throws {
        let value = Fingerprint(of: Data("abc".utf8))
        #expect(Fingerprint(hex: value.hex) == value && Fingerprint(bytes: value.bytes) == value)
        #expect(Fingerprint(hex: value.hex.uppercased()) == value)
        #expect(value.bytes.first == 0xBA && value.short == "ba7816bf8f01")
        for hex in ["", "ba", value.hex + "00", String(value.hex.dropLast()) + "g", String(repeating: "é", count: 32)] {
            #expect(Fingerprint(hex: hex) == nil)
        }
        try #expect(JSONDecoder().decode(Fingerprint.self, from: JSONEncoder().encode(value)) == value)
        #expect(Fingerprint(of: Data([1])) < value || value < Fingerprint(of: Data([1])))
    }

    @Test("Canonical JSON has one spelling")
    func canonical() throws {
        let text = String(decoding: try CanonicalJSON.encode(["b": "x/y", "a": "z"]), as: UTF8.self)
        #expect(text == #"{"a":"z","b":"x/y"}"#)
    }
}
