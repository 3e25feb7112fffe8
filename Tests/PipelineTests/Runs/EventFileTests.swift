import Foundation
import PythonPeer
import Tensors
import Testing

@testable import Pipeline

@Suite("A run's event file")
struct EventFileTests {
    private let events: [(step: Int, time: Double, scalars: [String: Double])] = [
        (0, 1000.5, ["held_out/map@r": 0.25]), (7, 1001, ["train/loss": 0.5, "held_out/map@r": 0.75]),
        (300, 1002, ["train/loss": -1.5]),
    ]

    @Test("is records of a length, a payload and their masked checksums")
    func framing() throws {
        var data = EventFile.encoded(events)
        var records = 0
        while !data.isEmpty {
            let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let header = data.prefix(8)
            #expect(checksum(of: header) == data.dropFirst(8).prefix(4))
            let payload = data.dropFirst(12).prefix(Int(length))
            #expect(payload.count == Int(length) && checksum(of: payload) == data.dropFirst(12 + Int(length)).prefix(4))
            data = data.dropFirst(16 + Int(length))
            records += 1
        }
        #expect(records == 4)
    }

    private func checksum(of bytes: Data) -> Data {
        let plain = Checksum.crc32c([UInt8](bytes))
        let masked = (plain >> 15 | plain << 17) &+ 0xA282_EAD8
        return withUnsafeBytes(of: masked.littleEndian) { Data($0) }
    }

    private static let python = Python.interpreter(importing: "tensorboard")

    @Test("is read by TensorBoard", .enabled(if: python != nil, "needs Python with tensorboard"))
    func tensorBoard() throws {
        let python = try #require(Self.python)
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        try EventFile(folder: folder.path("")).write(events)
        let script = """
            import sys
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
            found = EventAccumulator(sys.argv[1]).Reload()
            for tag in sorted(found.Tags()["scalars"]):
                for event in found.Scalars(tag):
                    print(tag, event.step, event.value, event.wall_time)
            """
        let lines = try Python.run(python, script, folder.path("")).split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "held_out/map@r 0 0.25 1000.5", "held_out/map@r 7 0.75 1001.0", "train/loss 7 0.5 1001.0",
                "train/loss 300 -1.5 1002.0",
            ])
    }
}
