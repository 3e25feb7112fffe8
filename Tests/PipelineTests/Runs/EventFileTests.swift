import Foundation
import ImageInput
import PythonPeer
import Tensors
import Testing

@testable import Pipeline

@Suite("A run's event file")
struct EventFileTests {
    private let events = [
        EventFile.Event(step: 0, time: 1000.5, scalars: ["held_out/map@r": 0.25]),
        EventFile.Event(step: 7, time: 1001, scalars: ["train/loss": 0.5, "held_out/map@r": 0.75]),
        EventFile.Event(
            step: 300, time: 1002, scalars: ["train/loss": -1.5],
            pictures: ["a/1": Picture(width: 3, height: 2, pixels: (0..<18).map { UInt8($0 * 10) })]),
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

    @Test("grows by the bytes that it would have as a whole, and begins anew where it is written")
    func growth() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let file = EventFile(folder: folder.path(""))
        for written in [[], Array(events.prefix(2))] {
            try file.write(written)
            for event in events.dropFirst(written.count) { try file.append(event) }
            // Of a file without events the first record does not know the time.
            let whole = EventFile.encoded(events)
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: file.path)).suffix(whole.count - 40) == whole.dropFirst(40))
        }
        try FileManager.default.removeItem(atPath: file.path)
        for event in events { try file.append(event) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file.path)) == EventFile.encoded(events))
    }

    private func checksum(of bytes: Data) -> Data {
        let plain = Checksum.crc32c([UInt8](bytes))
        let masked = (plain >> 15 | plain << 17) &+ 0xA282_EAD8
        return withUnsafeBytes(of: masked.littleEndian) { Data($0) }
    }

    private static let python = Python.interpreter(importing: "tensorboard, PIL")

    @Test("is read by TensorBoard", .enabled(if: python != nil, "needs Python with tensorboard and Pillow"))
    func tensorBoard() throws {
        let python = try #require(Self.python)
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let file = EventFile(folder: folder.path(""))
        try file.write([events[0]])
        for event in events.dropFirst() { try file.append(event) }
        let script = """
            import sys
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
            found = EventAccumulator(sys.argv[1]).Reload()
            for tag in sorted(found.Tags()["scalars"]):
                for event in found.Scalars(tag):
                    print(tag, event.step, event.value, event.wall_time)
            for tag in found.Tags()["images"]:
                for event in found.Images(tag):
                    import io, PIL.Image
                    picture = PIL.Image.open(io.BytesIO(event.encoded_image_string))
                    print(tag, event.step, event.width, event.height, picture.mode, list(picture.tobytes())[:4])
            """
        let lines = try Python.run(python, script, folder.path("")).split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "held_out/map@r 0 0.25 1000.5", "held_out/map@r 7 0.75 1001.0", "train/loss 7 0.5 1001.0",
                "train/loss 300 -1.5 1002.0",
                "a/1 300 3 2 RGB [0, 10, 20, 30]",
            ])
    }
}
