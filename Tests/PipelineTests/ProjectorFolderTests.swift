import FeatureStorage
import Foundation
import ImageInput
import PythonPeer
import Tensors
import Testing

@testable import Pipeline

@Suite("A folder for the Embedding Projector")
struct ProjectorFolderTests {
    private func folder() throws -> (TemporaryFolder, pictures: [StoredPicture], vectors: Matrix) {
        let folder = try TemporaryFolder()
        let pictures = try (0..<5).map { number in
            let path = folder.path("\(number).png")
            let pixels = [UInt8](repeating: UInt8(number * 50), count: 90 * 70 * 3)
            if number != 2 {
                try Picture(width: 90, height: 70, pixels: pixels).pngFile().write(to: URL(fileURLWithPath: path))
            }
            return StoredPicture(
                path: path, root: "/", label: number == 1 ? nil : "a\tb\(number)",
                content: Fingerprint(of: Data(path.utf8)))
        }
        return (folder, pictures, Matrix(rows: 5, columns: 3, elements: (0..<15).map { Float($0) / 8 }))
    }

    @Test("has vectors, labels and a square of pictures")
    func content() throws {
        let (folder, pictures, vectors) = try folder()
        defer { folder.clean() }
        let projector = ProjectorFolder(pictures: pictures, vectors: vectors)
        #expect(projector.side == 64)
        try projector.write(to: folder.path("p"))
        try projector.write(to: folder.path("p"))
        let sprite = try ImageDecoder().decode(Data(contentsOf: URL(fileURLWithPath: folder.path("p/sprite.png"))))
        #expect((sprite.width, sprite.height) == (192, 192))
        func gray(_ column: Int, _ row: Int) -> UInt8 { sprite.pixels[((row * 64 + 32) * 192 + column * 64 + 32) * 3] }
        #expect(
            [gray(0, 0), gray(1, 0), gray(2, 0), gray(0, 1), gray(1, 1), gray(2, 2)] == [0, 50, 255, 150, 200, 255])
        let metadata = try String(contentsOfFile: folder.path("p/metadata.tsv"), encoding: .utf8).split(separator: "\n")
        #expect(metadata.count == 6 && metadata[1].hasPrefix("a b0\t/") && metadata[2].hasPrefix("\t/"))
        let lines = try String(contentsOfFile: folder.path("p/vectors.tsv"), encoding: .utf8).split(separator: "\n")
        #expect(
            lines.map { $0.split(separator: "\t").compactMap { Float($0) } } == (0..<5).map { Array(vectors.row($0)) })
        try Data().write(to: URL(fileURLWithPath: folder.path("p/mine.txt")))
        #expect(throws: InputError.self) { try projector.write(to: folder.path("p")) }
    }

    @Test(
        "is what TensorBoard's plugin reads",
        .enabled(if: Python.interpreter(importing: "tensorboard") != nil, "needs Python with tensorboard"))
    func tensorBoard() throws {
        let python = try #require(Python.interpreter(importing: "tensorboard"))
        let (folder, pictures, vectors) = try folder()
        defer { folder.clean() }
        try ProjectorFolder(pictures: pictures, vectors: vectors).write(to: folder.path("p"))
        let program = """
            import sys
            from google.protobuf import text_format
            from tensorboard.plugins.projector import projector_config_pb2
            config = text_format.Parse(open(sys.argv[1] + "/projector_config.pbtxt").read(), projector_config_pb2.ProjectorConfig())
            one = config.embeddings[0]
            print(len(config.embeddings), one.tensor_path, one.metadata_path, one.sprite.image_path, *one.sprite.single_image_dim)
            """
        let printed = try Python.run(python, program, folder.path("p"))
        #expect(printed == "1 vectors.tsv metadata.tsv sprite.png 64 64\n")
    }
}
